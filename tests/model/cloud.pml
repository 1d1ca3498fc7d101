/*
 * cloud.pml: what is really so, and what becomes of a request: EC2, two machines, one data volume,
 * one address. The safety rules are asserted here, on the truth, whatever engines believe.
 *
 * A request is taken at any time after it was sent. With a fault it is lost, refused, taken twice,
 * or taken while its answer is lost. A guest command is a script on the machine, which works on
 * after its connection broke; those that change something hold a lock there (templates/guest/common.sh).
 */

#define BLUE 0
#define GREEN 1
#define OTHER(m) (1 - (m))
#define NOBODY 2 /* instead of an engine: it has ended, or given up waiting */

mtype = { FREE, TO_BLUE, ON_BLUE, OFF_BLUE, TO_GREEN, ON_GREEN, OFF_GREEN } /* the volume: free, attaching, attached, detaching */
mtype = { NONE, RUNNING, STOPPING, STOPPED, GONE } /* a machine */
mtype = { PROTECT, RESTORE, TAG_BACK, CLAIM_BLUE, CLAIM_DATA, LAUNCH, DETACH, ATTACH, SWITCH, STOP, POWER_ON, TERMINATE } /* of EC2 */
mtype = { QUIESCE, MOUNT, SERVE } /* of guests */
mtype = { YES, NO, UNKNOWN } /* an answer: it has happened, it has not, nobody knows */
mtype = { LOST, REFUSED, TWICE, UNHEARD } /* faults of a request; UNHEARD: its answer is lost */

#define TO(m) (m == BLUE -> TO_BLUE : TO_GREEN)
#define ON(m) (m == BLUE -> ON_BLUE : ON_GREEN)
#define OFF(m) (m == BLUE -> OFF_BLUE : OFF_GREEN)
#define HOLDS(v, m) (v == TO(m) || v == ON(m) || v == OFF(m))
#define IS_GUEST(kind) (kind == QUIESCE || kind == MOUNT || kind == SERVE)
#define NEVER_ON(m) (!HOLDS(volume, m))
#define CAN_WORK(m) (script[m] && !(script[m] == MOUNT && volume == TO(m))) /* mount waits for its disk */
#define GREEN_SERVES (serving[GREEN] || machine[GREEN] != RUNNING) /* or died meanwhile */
#define HAS_LOCK(kind, m) (IS_GUEST(kind) && script[m])

mtype volume = ON_BLUE, volume_was = ON_BLUE; /* _was: what a stale reply may still say, until everybody sees the newest */
mtype machine[2];
bool mounted[2], serving[2];
bit address = BLUE, address_was = BLUE;
bool kept;     /* the volume outlives the machine that holds it */
bool tag_back; /* blue's role tag says that it is being put back */
byte claim[2], claim_was[2]; /* on blue, on the volume: the life that says it is driving */

/* Under way: at most one per engine, and one whose sender has ended or stopped waiting. */
mtype sent[2], late;
bit sent_to[2], late_to;
byte late_life;
mtype answer[2];
mtype script[2]; /* what is at work on a machine */
byte script_of[2] = NOBODY;

/* Ghosts: known to the rules alone. */
byte driver = 1;  /* the newest life that went on */
bool outage;      /* clients may be waiting: between quiesce and confirmed, or on the way back */
bool confirmed;   /* green was confirmed, and nobody has begun to go back */
bool hurt;        /* something went wrong that was not green's health */
byte faults = FAULTS;

byte life[2]; /* the number of an engine's present life; 0: it is not running */

inline rules()
{
	RULE(1, !(mounted[BLUE] && mounted[GREEN]));
	RULE(2, !(mounted[BLUE] && volume != ON_BLUE));
	RULE(2, !(mounted[GREEN] && volume != ON_GREEN));
	RULE(5, outage || serving[address]);
	RULE(6, !(serving[BLUE] && !mounted[BLUE]) && !(serving[GREEN] && !mounted[GREEN]))
}

inline halt(m)
{
	mounted[m] = false;
	serving[m] = false;
	if
	:: script_of[m] < NOBODY -> answer[script_of[m]] = UNKNOWN
	:: else
	fi;
	script[m] = 0;
	script_of[m] = NOBODY
}

/* EC2 takes a request of that life. */
inline take()
{
	RULE(9, sender >= driver || kind == CLAIM_BLUE || kind == CLAIM_DATA);
	result = NO;
	if
	:: kind == PROTECT ->
		kept = true;
		if
		:: CLAIMS && sender == 1 -> claim[0] = sender; claim[1] = sender
		:: else
		fi;
		result = YES
	:: kind == RESTORE -> kept = false; result = YES
	:: kind == TAG_BACK -> tag_back = true; result = YES
	:: kind == CLAIM_BLUE -> claim[0] = sender; result = YES
	:: kind == CLAIM_DATA -> claim[1] = sender; result = YES
	:: kind == LAUNCH -> /* the client token makes the second launch the first */
		if
		:: machine[GREEN] == NONE -> machine[GREEN] = RUNNING
		:: else
		fi;
		result = YES
	:: kind == DETACH && (volume == ON(m) || volume == TO(m)) ->
		RULE(2, !mounted[m]);
		volume = OFF(m);
		result = YES
	:: kind == ATTACH && volume == FREE && (machine[m] == RUNNING || machine[m] == STOPPED) ->
		volume = TO(m);
		result = YES
	:: kind == SWITCH && (machine[m] == RUNNING || machine[m] == STOPPED) ->
		RULE(5, m == BLUE || GREEN_SERVES);
		outage = outage || m == BLUE;
		confirmed = confirmed && m == GREEN;
		address = m;
		result = YES
	:: kind == STOP && machine[m] == RUNNING ->
		RULE(3, m == GREEN || (confirmed && GREEN_SERVES && NEVER_ON(BLUE)));
		outage = outage || m == GREEN;
		machine[m] = STOPPING;
		result = YES
	:: kind == STOP && (machine[m] == STOPPING || machine[m] == STOPPED) -> result = YES
	:: kind == POWER_ON && machine[m] == STOPPED -> machine[m] = RUNNING; result = YES
	:: kind == TERMINATE && machine[m] != NONE ->
		RULE(3, m == GREEN || (confirmed && GREEN_SERVES));
		RULE(3, m == GREEN || NEVER_ON(BLUE));
		RULE(10, m == BLUE || NEVER_ON(GREEN));
		machine[m] = GONE;
		halt(m);
		result = YES
	:: else
	fi
}

/* A guest command reaches the machine and gets the lock there. */
inline begin_script(who)
{
	RULE(9, sender >= driver);
	RULE(5, !(kind == QUIESCE && m == BLUE && !outage) || machine[GREEN] == RUNNING);
	outage = outage || kind == QUIESCE;
	confirmed = confirmed && kind != QUIESCE;
	script[m] = kind;
	script_of[m] = who
}

inline end_script(m, result)
{
	if
	:: script_of[m] < NOBODY -> answer[script_of[m]] = result
	:: else
	fi;
	script[m] = 0;
	script_of[m] = NOBODY
}

inline fault()
{
	faults--;
	hurt = true
}

/* A request arrives, if it does. Guests answer through their script, if they can be reached. */
inline arrive()
{
	if
	:: how == LOST -> result = UNKNOWN
	:: how == REFUSED -> result = NO
	:: how != LOST && how != REFUSED && IS_GUEST(kind) ->
		if
		:: machine[m] != RUNNING -> result = NO
		:: machine[m] == RUNNING -> begin_script((how == UNHEARD -> NOBODY : e))
		fi
	:: how != LOST && how != REFUSED && !IS_GUEST(kind) -> take()
	fi;
	if
	:: how == UNHEARD -> result = UNKNOWN
	:: how == TWICE -> result = 0 /* another copy is under way */
	:: else
	fi
}

proctype cloud()
{
	mtype kind, how, result; /* of the request that arrives; 0 between transitions */
	byte e, m, sender;

end:	do
	:: atomic {
	if
	:: late && !HAS_LOCK(late, late_to) -> /* nobody waits for it; it may never be heard of */
		e = NOBODY; kind = late; m = late_to; sender = late_life;
		late = 0; late_to = 0; late_life = 0;
		if
		:: how = UNHEARD
		:: how = LOST
		fi;
		arrive();
		e = 0; m = 0; kind = 0; how = 0; result = 0; sender = 0
	:: sent[0] && !HAS_LOCK(sent[0], sent_to[0]) -> e = 0; goto arrived
	:: sent[1] && !HAS_LOCK(sent[1], sent_to[1]) -> e = 1;
arrived:	kind = sent[e]; m = sent_to[e]; sender = life[e];
		if
		:: true
		:: faults -> fault(); how = UNHEARD
		:: faults && !IS_GUEST(kind) -> fault(); how = TWICE
		:: faults -> fault(); how = LOST
		:: faults -> fault(); how = REFUSED
		fi;
		arrive();
		answer[e] = result;
		if
		:: how != TWICE -> sent[e] = 0; sent_to[e] = 0
		:: else
		fi;
		e = 0; m = 0; kind = 0; how = 0; result = 0; sender = 0
	:: CAN_WORK(BLUE) -> m = BLUE; goto works
	:: CAN_WORK(GREEN) -> m = GREEN;
works:		if
		:: script[m] == QUIESCE && NEVER_ON(m) -> end_script(m, NO) /* no such disk */
		:: script[m] == QUIESCE && !NEVER_ON(m) -> serving[m] = false; mounted[m] = false; end_script(m, YES)
		:: script[m] == MOUNT && (volume == ON(m) || volume == OFF(m)) -> mounted[m] = true; end_script(m, YES)
		:: script[m] == MOUNT && !HOLDS(volume, m) -> end_script(m, NO)
		:: script[m] == SERVE -> serving[m] = true; end_script(m, YES)
		fi;
		m = 0
	:: volume == TO_BLUE -> volume = ON_BLUE
	:: volume == TO_GREEN -> volume = ON_GREEN
	:: volume == OFF_BLUE && !mounted[BLUE] -> volume = FREE
	:: volume == OFF_GREEN && !mounted[GREEN] -> volume = FREE
	:: machine[BLUE] == STOPPING -> halt(BLUE); machine[BLUE] = STOPPED
	:: machine[GREEN] == STOPPING -> halt(GREEN); machine[GREEN] = STOPPED
	:: machine[GREEN] == RUNNING && faults && record != DONE -> /* green dies */
		faults--;
		outage = true;
		halt(GREEN);
		machine[GREEN] = STOPPED
	:: volume_was != volume -> volume_was = volume /* everybody sees it now */
	:: address_was != address -> address_was = address
	:: claim_was[0] != claim[0] -> claim_was[0] = claim[0]
	:: claim_was[1] != claim[1] -> claim_was[1] = claim[1]
	fi;
	rules()
	}
	od
}
