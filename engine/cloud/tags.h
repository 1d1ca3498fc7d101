/* tags.h: the tags by which what we made, and what we are working on, is found again. */
#ifndef CLOUD_TAGS_H
#define CLOUD_TAGS_H

#define TAG_REBUILD "changeover:rebuild" /* the rebuild's id, on everything it made or works on */
#define TAG_ROLE "changeover:role"       /* blue, green, backup, point */
#define TAG_TOKEN "changeover:token"     /* the effect that made it, where EC2 takes no client token */
#define TAG_FOUND                                                                                            \
	"changeover:found" /* how blue and its volumes were before they were protected (rebuild/found.h) */
#define TAG_PREFIX "changeover:" /* never copied from blue to green */
#endif
