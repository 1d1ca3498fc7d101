/* tags.h: the tags by which what we made, and what we are working on, is found again. */
#ifndef CLOUD_TAGS_H
#define CLOUD_TAGS_H

#define TAG_REBUILD "changeover:rebuild" /* the rebuild's id, on everything it made or works on */
#define TAG_ROLE                                                                                             \
	"changeover:role" /* on instances ROLE_*; data.0, data.1 ... in the plan's order; backup, point */
#define TAG_TOKEN "changeover:token" /* the effect that made it, where EC2 takes no client token */
#define TAG_FOUND                                                                                            \
	"changeover:found" /* how blue and its volumes were before they were protected (rebuild/found.h) */
#define TAG_REPLACES "changeover:replaces"   /* on green: blue's id */
#define TAG_CONFIRMED "changeover:confirmed" /* on a blue that is kept: when green was confirmed, ISO 8601 */
#define TAG_HOST_KEY "changeover:host-key"   /* on blue: EC2's console shows it after the first boot only */
/*
 * Which journal the rebuild is recorded in, and for people who drives it: "jr-... anna@host 0.3.0 since
 * ...". Whoever finds another one there than its own has been taken over from (docs/decisions/0009).
 */
#define TAG_JOURNAL "changeover:journal"

#define ROLE_GREEN "green"
#define ROLE_BLUE "blue"           /* being rebuilt */
#define ROLE_RESTORING "restoring" /* blue, on the way back */
#define ROLE_RESTORED "restored"   /* blue serves again; the rebuild is over */
#define ROLE_RETIRED "retired"     /* blue, kept; green serves */
#define ROLE_DATA "data."

#define TAG_PREFIX "changeover:" /* never copied from blue to green */
#endif
