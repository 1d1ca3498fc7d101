/*
 * rebuild.pml: the protocol of one rebuild (strategy move), for spin. Run it by tests/model/run.
 *
 *	journal.pml   what engines write down for each other
 *	guards.pml    what keeps them from breaking a rule, one macro each
 *	cloud.pml     what is really so; the rules are asserted there
 *	engine.pml    an engine: engine/rebuild and engine/run
 *
 * What is assumed, and has to be so in the program. Time is not in the model: an engine may be slow
 * or stopped for as long as it likes, anywhere. But who takes over waits (HAS_SETTLED), and then
 *	- a request that was recorded before has been taken, or never will be;
 *	- what EC2 shows is not older than the takeover;
 *	- by tags: nobody acts on a look at the tags that is older than the takeover.
 * Scripts on machines may be at work for longer than that.
 *
 * One volume, one address, effects of an engine one after the other; at most one request whose sender
 * has ended; backups, snapshots and host keys are left out, and so are replies about machines that are
 * stale. Sightings come only when they show something new, so that waiting is no cycle: then "every
 * run ends" is "there is no cycle, and where nothing more can happen all is whole". A time limit
 * passes when nothing else can happen; turning back at any other time is the operator's abort.
 */
#ifndef LIVES
#define LIVES 3
#endif
#ifndef FAULTS
#define FAULTS 1
#endif
#ifndef OPERATOR
#define OPERATOR 1
#endif
#define TRIES 2

/* Its number shows in spin's message. -DONLY=n: which rules else break, once one is broken? */
#ifdef ONLY
#define RULE(number, holds) assert(number != ONLY || (holds))
#else
#define RULE(number, holds) assert(number == 0 || (holds))
#endif

#define WHOLE 99 /* not one of the architecture's rules, but its promise: every run ends whole */

#include "guards.pml"
#include "journal.pml"
#include "cloud.pml"
#include "engine.pml"

/* Every run ends, and whole. */
proctype judge()
{
	atomic {
		timeout && !life[0] && !life[1] ->
		RULE(WHOLE, record != BEGUN || yielded);
		RULE(WHOLE, record == DONE || faults < FAULTS || operator < OPERATOR || lives > 1);
		RULE(WHOLE, record != DONE || machine[GREEN] != RUNNING || (address == GREEN && serving[GREEN] && volume == ON_GREEN && machine[BLUE] != RUNNING));
		RULE(WHOLE, record != BACK || (address == BLUE && serving[BLUE] && volume == ON_BLUE && !kept && machine[GREEN] != RUNNING))
	}
}

init
{
	atomic {
		machine[BLUE] = RUNNING;
		machine[GREEN] = NONE;
		mounted[BLUE] = true;
		serving[BLUE] = true;
		run cloud();
		run engine(0);
		run engine(1);
		run judge()
	}
}
