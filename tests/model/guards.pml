/*
 * guards.pml: what keeps an engine from breaking a rule, each as one macro that one -D takes away.
 * tests/model/guards has the list, and what breaks without each.
 */

#ifdef TAGS
#define CLAIMS true /* engines know of each other by tags alone */
#else
#define CLAIMS false /* they share a journal */
#endif

/* The journal takes an intent only under the newest epoch (journal/event.c). */
#ifdef NO_EPOCH_CHECK
#define MAY_BEGIN true
#else
#define MAY_BEGIN (CLAIMS || lease == life[me])
#endif

/* ... and so it should take the end of a rebuild and that it turned back. */
#ifdef RECORD_WITHOUT_EPOCH
#define RECORD_IS_MINE true
#else
#define RECORD_IS_MINE (CLAIMS -> driver == life[me] : lease == life[me])
#endif

/*
 * Who takes over first waits until what the engine before it sent has been taken or is lost, and
 * until what changed is seen by everybody. That is time: the longest that a request may be under
 * way, the longest that a reply may be stale, and by tags the longest that a look at them is good for.
 */
#ifdef NO_SETTLE
#define HAS_SETTLED true
#else
#ifdef STALE_CLAIM
#define HAS_SETTLED (!sent[1 - me] && !late && volume_was == volume && address_was == address)
#else
#ifdef SENDS_AFTER_PAUSE /* the wait is for the dead, not for requests that a paused engine has yet to send */
#define HAS_SETTLED (!late && ALL_SEEN)
#else
#define HAS_SETTLED (!sent[1 - me] && !late && ALL_SEEN)
#endif
#endif
#endif
#define ALL_SEEN (volume_was == volume && address_was == address && claim_was[0] == claim[0] && claim_was[1] == claim[1])

/* Then it looks whether it is still its turn. */
#if defined(NO_SECOND_LOOK) || defined(NO_CLAIM)
#define HOLDS_IT true
#else
#define HOLDS_IT (CLAIMS -> claim[0] == life[me] && claim[1] == life[me] : lease == life[me])
#endif

/* By tags: an effect needs a look at them that is not old, in which nobody else had claimed the rebuild. */
#ifdef MOUNTS_UNCLAIMED
#define NEEDS_CLAIM (pc != F_MOUNT && pc != F_START && pc != B_QUIESCE && pc != B_START)
#else
#define NEEDS_CLAIM true
#endif
#define MAY_ACT (!CLAIMS || permit[me] || !NEEDS_CLAIM)
#ifdef NO_PAUSE_LOOK
#define LOOKS_AGE false
#else
#define LOOKS_AGE true
#endif
#ifdef NO_CLAIM_LOOK
#define IGNORES_CLAIMS true
#else
#define IGNORES_CLAIMS false
#endif
#ifdef NO_CLAIM
#define CLAIMED true
#else
#define CLAIMED acked
#endif

/* A sighting from before what was done last proves nothing (rebuild/seen.c). */
#ifdef NO_TOUCH
#define TOUCH skip
#else
#define TOUCH touch()
#endif

/* On the way back a reply may not be so stale that it shows how things were before our last effect. */
#ifdef STALE_ON_THE_WAY_BACK
#define MAY_BE_STALE true
#define LOOK_ANEW skip
#else
#define MAY_BE_STALE (!back)
#define LOOK_ANEW v_volume = 0
#endif

/* A guest is looked at when no command is at work there: a report is what the last of them left. */
#ifdef PROBE_WITHOUT_LOCK
#define MAY_PROBE(m) true
#else
#define MAY_PROBE(m) (!script[m])
#endif

/* The addresses are back when our own call said so; a look may be stale, and this one is for good. */
#ifdef SWITCH_BACK_BY_LOOK
#define SWITCHED_BACK (v_address == ADDRESS_OF(BLUE))
#else
#define SWITCHED_BACK acked
#endif

/* Nothing on that machine can write to the volume (seen_quiet()). */
#ifdef NO_QUIET_PROOF
#define IS_QUIET(m) true
#else
#define IS_QUIET(m) (v_guest[m] == QUIET || v_machine[m] == STOPPED || IS_NONE(m) || AWAY_FROM(m))
#endif

/* Green is up before blue is quiesced. */
#ifdef QUIESCE_UNPREPARED
#define GREEN_IS_UP true
#else
#define GREEN_IS_UP (v_machine[GREEN] == RUNNING)
#endif

/* The volume is seen mounted on green before the service is started there. */
#ifdef SERVE_UNMOUNTED
#define GREEN_HAS_DATA true
#else
#define GREEN_HAS_DATA (v_guest[GREEN] == IN_USE)
#endif

/* Green is checked through the switched address before blue is given up. */
#ifdef RETIRE_UNCONFIRMED
#define SKIPS_CONFIRM true
#else
#define SKIPS_CONFIRM false
#endif

/* The service runs on green before the address is switched. */
#ifdef SWITCH_UNCHECKED
#define SKIPS_CHECKS true
#else
#define SKIPS_CHECKS false
#endif

/* Green that does not unmount is stopped (steps/mount.c). */
#ifdef NO_OTHER_WAY
#define STOPS_GREEN false
#else
#define STOPS_GREEN true
#endif

/* Green gives the volume back before it is terminated. */
#ifdef TERMINATE_HOLDING
#define GREEN_IS_FREE true
#else
#define GREEN_IS_FREE (KNOWS_NO_GREEN || AWAY_FROM(GREEN))
#endif
