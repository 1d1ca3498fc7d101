/*
 * engine.pml: one engine, as engine/rebuild and engine/run have it. It believes what it has seen
 * (v_*), and what it has touched since is unseen again (rebuild/seen.c). Steps are proved in their
 * order, each once; going back undoes them from the end (executor.c). One transition is what one
 * turn of the loop does: take an answer, take a sighting, or begin an effect.
 *
 * An engine can be stopped between any two of its transitions for as long as it likes: it is just not
 * scheduled. Then others may take over from it.
 */

/* A guest's report. SILENT: it could not be reached. */
mtype = { IN_USE, QUIET, SILENT }

#define SURVEY 1
#define F_PROTECT 2
#define F_LAUNCH 3
#define F_QUIESCE 4
#define F_DETACH 5
#define F_ATTACH 6
#define F_MOUNT 7
#define F_START 8
#define F_READY 9
#define F_SWITCH 10
#define F_CONFIRM 11
#define F_RETIRE 12
#define F_TERMINATE 13
#define B_TAG 14
#define B_RETIRE 15
#define B_HUSH 16 /* part of switch: green stops before it loses its address, if it can */
#define B_SWITCH 17
#define B_MOUNT 18
#define B_ATTACH 19
#define B_DETACH 20
#define B_QUIESCE 21
#define B_START 22
#define B_CHECK 23
#define B_LAUNCH 24
#define B_PROTECT 25
#define B_END 26
#define TAKE 27 /* before the survey: claim, settle */
#define TAKE_DATA 28
#define SETTLE 29

#define IS_ON (life[me] != 0)
#define FLYING (sent[me] || answer[me] || script_of[BLUE] == me || script_of[GREEN] == me)
#define AT(step) (IS_ON && !FLYING && pc == step)

/* What sightings say. Steps and guards believe only these. */
#define AWAY_FROM(m) (v_volume && !HOLDS(v_volume, m))
#define IS_NONE(m) (v_machine[m] == 0 || v_machine[m] == NONE || v_machine[m] == GONE)
#define KNOWS_NO_GREEN IS_NONE(GREEN)
#define NO_GREEN (v_machine[GREEN] == NONE || v_machine[GREEN] == GONE)
#define PROBED(m) (v_guest[m] || v_machine[m] != RUNNING)
#define SURVEYED (v_volume && v_machine[BLUE] && v_address && PROBED(BLUE) && PROBED(GREEN))
#define ADDRESS_OF(m) (m + 1)
/* Without a journal nobody knows whether the window has opened. */
#define MAY_BE_OPEN (window_opened || (CLAIMS && life[me] > 1))
#define SKIPS(pc) (pc == F_READY -> SKIPS_CHECKS : SKIPS_CONFIRM)

/* When a step is proved (steps/NAME.c). Checks and the survey are not among them: they have transitions of their own. */
#define PROVED \
	((pc == F_PROTECT && acked) || \
	(pc == F_LAUNCH && GREEN_IS_UP) || \
	(pc == F_QUIESCE && (AWAY_FROM(BLUE) || (acked && v_guest[BLUE] == QUIET))) || \
	(pc == F_DETACH && (v_volume == FREE || v_volume == TO_GREEN || v_volume == ON_GREEN)) || \
	(pc == F_ATTACH && (v_volume == TO_GREEN || v_volume == ON_GREEN)) || \
	(pc == F_MOUNT && GREEN_HAS_DATA) || \
	(pc == F_START && (acked || SKIPS_CHECKS)) || \
	((pc == F_READY || pc == F_CONFIRM) && SKIPS(pc)) || \
	(pc == F_SWITCH && v_address == ADDRESS_OF(GREEN)) || \
	(pc == B_TAG && (!CLAIMS || acked)) || \
	(pc == B_RETIRE && v_machine[BLUE] == RUNNING) || \
	(pc == B_HUSH && (v_guest[GREEN] != IN_USE || tried)) || \
	(pc == B_SWITCH && SWITCHED_BACK) || \
	(pc == B_MOUNT && IS_QUIET(GREEN)) || \
	(pc == B_ATTACH && GREEN_IS_FREE) || \
	(pc == B_DETACH && (v_volume == TO_BLUE || v_volume == ON_BLUE)) || \
	(pc == B_QUIESCE && (!MAY_BE_OPEN || (acked && v_guest[BLUE] == IN_USE))) || \
	(pc == B_START && (!MAY_BE_OPEN || acked)) || \
	(pc == B_CHECK && !MAY_BE_OPEN) || \
	(pc == B_LAUNCH && NO_GREEN))

inline go_to(step)
{
	pc = step;
	acked = false;
	tried = 0
}

/* What was touched counts as unseen from now on. */
inline touch()
{
	if
	:: kind == DETACH || kind == ATTACH -> v_volume = 0
	:: kind == SWITCH -> v_address = 0
	:: kind == LAUNCH -> v_machine[GREEN] = 0
	:: kind == QUIESCE || kind == MOUNT -> v_guest[m] = 0
	:: else
	fi
}

/* What an answer shows is as fresh as its effect. */
inline absorb_sighting()
{
	if
	:: pc == F_LAUNCH -> v_machine[GREEN] = RUNNING
	:: pc == F_QUIESCE -> v_guest[BLUE] = QUIET
	:: pc == F_DETACH -> v_volume = OFF_BLUE
	:: pc == F_ATTACH -> v_volume = TO_GREEN
	:: pc == F_MOUNT -> v_guest[GREEN] = IN_USE
	:: pc == F_SWITCH -> v_address = ADDRESS_OF(GREEN)
	:: pc == B_SWITCH -> v_address = ADDRESS_OF(BLUE)
	:: pc == B_HUSH || (pc == B_MOUNT && tried == 0) -> v_guest[GREEN] = QUIET
	:: pc == B_ATTACH -> v_volume = OFF_GREEN
	:: pc == B_DETACH -> v_volume = TO_BLUE
	:: pc == B_QUIESCE -> v_guest[BLUE] = IN_USE
	:: pc == B_LAUNCH -> v_machine[GREEN] = GONE
	:: else
	fi
}

/* A sighting of the volume; one that comes first may be stale. */
inline look_at_volume()
{
	if
	:: v_volume = volume
	:: !v_volume && volume_was != volume && MAY_BE_STALE -> v_volume = volume_was
	fi
}

inline look_at_address()
{
	if
	:: v_address = ADDRESS_OF(address)
	:: address_was != address && MAY_BE_STALE -> v_address = ADDRESS_OF(address_was)
	fi
}

inline look_at_machines()
{
	v_machine[BLUE] = machine[BLUE];
	v_machine[GREEN] = machine[GREEN]
}

inline look_at_guest()
{
	if
	:: machine[m] != RUNNING -> v_guest[m] = SILENT
	:: machine[m] == RUNNING && mounted[m] -> v_guest[m] = IN_USE
	:: machine[m] == RUNNING && !mounted[m] -> v_guest[m] = QUIET
	fi
}

#define MAY_START (!IS_ON && lives < LIVES && (me == 0 || life[0]))
#define MUST_LOOK (CLAIMS && IS_ON && !FLYING && !permit[me] && pc < TAKE)
#define ACT(step, when) (AT(step) && !acked && MAY_ACT && (when))

proctype engine(bit me)
{
	byte pc;		/* the step; going back is behind going forward */
	bool back, acked;	/* acked: the step's effect was answered well */
	byte tried;		/* how often it was not */
	mtype v_volume, v_guest[2], v_machine[2];
	byte v_address;
	mtype kind, end;	/* what one transition hands on inside itself; 0 between them */
	bit m;
	bool allowed = true;

end_wait:
	do
	:: atomic {
	if
	/* Operators. */
	:: MAY_START && (record == BEGUN || record == PARKED || (record == DONE && machine[BLUE] != GONE)) -> goto start
	:: MAY_START && lives && record != BACK && operator -> operator--; back = true; goto start
	:: IS_ON && !FLYING && !back && pc < F_RETIRE && operator -> operator--; goto turn_back /* abort */
	:: IS_ON && !FLYING && pc < TAKE && operator -> operator--; end = PARKED; goto finish /* interrupt */

	/* Sudden death. There will be another one. */
	:: IS_ON && lives < LIVES -> goto vanish

	/* Taking over: by the lease at once, by tags with a claim; then what is under way comes to its end. */
	:: AT(TAKE) && !CLAIMED -> kind = CLAIM_BLUE; m = BLUE; goto act
	:: AT(TAKE) && CLAIMED -> go_to(TAKE_DATA)
	:: AT(TAKE_DATA) && !CLAIMED -> kind = CLAIM_DATA; m = BLUE; goto act
	:: AT(TAKE_DATA) && CLAIMED -> go_to(SETTLE)
	:: AT(SETTLE) && HAS_SETTLED && HOLDS_IT -> goto take_over
	:: AT(SETTLE) && HAS_SETTLED && !HOLDS_IT -> yielded = CLAIMS; goto vanish

	/* Somebody else has taken over: seen when the lease is renewed, or by the tags. */
	:: !CLAIMS && IS_ON && !FLYING && pc < TAKE && lease != life[me] -> end = PARKED; goto finish
	:: MUST_LOOK -> m = 0; goto look_at_claim
	:: MUST_LOOK -> m = 1; goto look_at_claim

	/* Answers, and what is seen. */
	:: answer[me] -> goto absorb
	:: AT(SURVEY) && SURVEYED -> goto go_on
	:: AT(SURVEY) && !v_machine[BLUE] -> look_at_machines()
	:: AT(SURVEY) && v_machine[BLUE] && !PROBED(BLUE) && MAY_PROBE(BLUE) -> m = BLUE; goto probe
	:: AT(SURVEY) && v_machine[BLUE] && !PROBED(GREEN) && MAY_PROBE(GREEN) -> m = GREEN; goto probe
	:: AT(SURVEY) && v_machine[BLUE] && !v_volume -> look_at_volume()
	:: AT(SURVEY) && v_machine[BLUE] && !v_address -> look_at_address()
	:: (AT(F_DETACH) || AT(F_ATTACH) || AT(B_ATTACH) || AT(B_DETACH)) && v_volume != volume && (volume_was == volume || MAY_BE_STALE) -> look_at_volume(); goto advance
	#ifdef SWITCH_BACK_BY_LOOK
	:: AT(B_SWITCH) && !v_address -> look_at_address(); goto advance
#endif
	:: AT(F_SWITCH) && !v_address -> look_at_address(); goto advance
	:: (AT(F_RETIRE) || AT(B_RETIRE) || AT(F_TERMINATE)) && v_machine[BLUE] != machine[BLUE] -> look_at_machines(); goto advance
	:: AT(B_LAUNCH) && !v_machine[GREEN] -> look_at_machines(); goto advance /* by its token */
	:: AT(B_MOUNT) && acked && v_machine[GREEN] != machine[GREEN] -> look_at_machines(); goto advance

	/* Forward. */
	:: ACT(F_PROTECT, true) -> kind = PROTECT; m = BLUE; goto act
	:: ACT(F_LAUNCH, KNOWS_NO_GREEN) -> kind = LAUNCH; m = GREEN; goto act
	:: AT(F_LAUNCH) && !KNOWS_NO_GREEN && v_machine[GREEN] != RUNNING -> goto fail /* hopeless */
	:: ACT(F_QUIESCE, true) -> kind = QUIESCE; m = BLUE; goto act
	:: ACT(F_DETACH, v_volume == ON_BLUE || v_volume == TO_BLUE) -> kind = DETACH; m = BLUE; allowed = IS_QUIET(BLUE); goto act
	:: ACT(F_ATTACH, v_volume == FREE) -> kind = ATTACH; m = GREEN; goto act
	:: ACT(F_MOUNT, true) -> kind = MOUNT; m = GREEN; allowed = IS_QUIET(BLUE); goto act
	:: ACT(F_START, true) -> kind = SERVE; m = GREEN; goto act
	:: AT(F_READY) && serving[GREEN] -> go_to(F_SWITCH); goto advance
	:: (AT(F_READY) || AT(F_CONFIRM)) && faults -> faults--; hurt = true; goto fail /* a check fails */
	:: ACT(F_SWITCH, v_address) -> kind = SWITCH; m = GREEN; allowed = GREEN_HAS_DATA; goto act
	:: AT(F_CONFIRM) && address == GREEN && serving[GREEN] ->
		if
		:: driver == life[me] -> confirmed = true; outage = false
		:: else
		fi;
		go_to(F_RETIRE); goto advance
	:: ACT(F_RETIRE, v_machine[BLUE] == RUNNING) -> kind = STOP; m = BLUE; allowed = AWAY_FROM(BLUE); goto act
	:: AT(F_RETIRE) && (v_machine[BLUE] == STOPPED || v_machine[BLUE] == GONE) ->
		if
		:: end = DONE; goto finish
		:: RECORD_IS_MINE -> record = DONE; go_to(F_TERMINATE)
		fi
	:: ACT(F_TERMINATE, v_machine[BLUE] != GONE) -> kind = TERMINATE; m = BLUE; allowed = AWAY_FROM(BLUE); goto act
	:: AT(F_TERMINATE) && v_machine[BLUE] == GONE -> end = DONE; goto finish

	/* Back. */
	:: ACT(B_TAG, CLAIMS) -> kind = TAG_BACK; m = BLUE; goto act
	:: ACT(B_RETIRE, v_machine[BLUE] == STOPPED) -> kind = POWER_ON; m = BLUE; goto act
	:: AT(B_RETIRE) && v_machine[BLUE] == GONE -> goto fail
	:: ACT(B_HUSH, true) -> kind = QUIESCE; m = GREEN; goto act
	:: ACT(B_SWITCH, true) -> kind = SWITCH; m = BLUE; goto act
	:: ACT(B_MOUNT, tried == 0) -> kind = QUIESCE; m = GREEN; goto act
	:: ACT(B_MOUNT, tried > 0 && STOPS_GREEN) -> kind = STOP; m = GREEN; goto act
	:: ACT(B_ATTACH, v_volume == ON_GREEN || v_volume == TO_GREEN) -> kind = DETACH; m = GREEN; allowed = IS_QUIET(GREEN); goto act
	:: ACT(B_DETACH, v_volume == FREE) -> kind = ATTACH; m = BLUE; goto act
	:: ACT(B_QUIESCE, true) -> kind = MOUNT; m = BLUE; allowed = IS_QUIET(GREEN); goto act
	:: ACT(B_START, !serving[BLUE]) -> kind = SERVE; m = BLUE; goto act
	:: AT(B_START) && !acked && serving[BLUE] -> go_to(B_CHECK) /* asked first */
	:: AT(B_CHECK) && serving[BLUE] ->
		if
		:: driver == life[me] -> outage = false
		:: else
		fi;
		go_to(B_LAUNCH); goto advance
	:: ACT(B_LAUNCH, !KNOWS_NO_GREEN) -> kind = TERMINATE; m = GREEN; allowed = GREEN_IS_FREE; goto act
	:: ACT(B_PROTECT, true) -> kind = RESTORE; m = BLUE; goto act
	:: AT(B_PROTECT) && acked -> end = BACK; goto finish

	/* Nothing else can happen any more: the step's time limit passes. */
	:: timeout && IS_ON && !FLYING && pc < TAKE -> goto fail
	fi;
	goto over;

	/* The tails of transitions. */

start:
	lives++;
	life[me] = lives;
	if
	:: lives == 1 -> lease = 1; permit[me] = true; go_to(SURVEY)
	:: lives > 1 && CLAIMS -> go_to(TAKE)
	:: lives > 1 && !CLAIMS -> lease = lives; go_to(SETTLE)
	fi;
	goto over

take_over:
	driver = life[me];
	permit[me] = true;
	permit[1 - me] = permit[1 - me] && !LOOKS_AGE;
	if
	:: record == BACK || (record == DONE && machine[BLUE] == GONE) -> goto vanish /* it has ended meanwhile */
	:: else
	fi;
	if
	:: record != DONE || back -> record = BEGUN
	:: else
	fi;
	go_to(SURVEY);
	goto over

go_on: /* everything was looked at: from here on it is as if this process had begun it */
	if
	:: back || turned_back || tag_back -> back = true; go_to(B_TAG)
	:: else ->
		if
		:: record == DONE -> go_to(F_TERMINATE)
		:: else -> go_to(F_PROTECT)
		fi
	fi;
	goto advance

probe:
	look_at_guest();
	m = 0;
	goto over

look_at_claim: /* whoever finds another's claim does nothing more */
	if
	:: claim[m] == life[me] || claim[m] == 0 || IGNORES_CLAIMS -> permit[me] = true
	:: claim[m] != life[me] && claim[m] != 0 && !IGNORES_CLAIMS -> yielded = true; goto vanish
	:: claim_was[m] != claim[m] && (claim_was[m] == life[me] || claim_was[m] == 0) -> permit[me] = true
	fi;
	m = 0;
	goto over

act: /* the guard's word, the intent in the journal under our epoch, and out it goes */
	if
	:: !allowed -> kind = 0; m = 0; allowed = true; goto fail
	:: allowed && !MAY_BEGIN -> end = PARKED; goto finish
	:: else
	fi;
	window_opened = window_opened || kind == QUIESCE;
	TOUCH;
	sent[me] = kind;
	sent_to[me] = m;
	kind = 0; m = 0; allowed = true;
	goto over

absorb:
	if
	:: answer[me] == YES -> answer[me] = 0; acked = true; absorb_sighting(); goto advance
	:: answer[me] != YES && tried + 1 < TRIES -> answer[me] = 0; tried++; goto advance
	:: answer[me] != YES && pc != B_HUSH && !(pc == B_MOUNT && tried == 0) -> answer[me] = 0; goto fail
	fi

fail: /* course_fail() */
	if
	:: !back && pc < F_RETIRE -> goto turn_back
	:: pc >= TAKE -> yielded = true; goto vanish
	:: !back && pc >= F_RETIRE && pc < TAKE -> end = PARKED; goto finish
	:: back && pc < TAKE ->
		RULE(10, hurt || v_machine[BLUE] == GONE); /* green's health is no reason */
		end = PARKED;
		goto finish
	fi

turn_back:
	back = true;
	LOOK_ANEW;
	if
	:: RECORD_IS_MINE && !CLAIMS -> turned_back = true
	:: else
	fi;
	go_to(B_TAG);
	goto advance

advance:
	do
	:: PROVED -> go_to(pc + 1)
	:: else -> break
	od;
	goto over

finish:
	if
	:: RECORD_IS_MINE -> RULE(9, driver == life[me]); record = end
	:: else
	fi;
	if
	:: lease == life[me] -> lease = 0
	:: else
	fi;
	goto vanish

vanish: /* the process ends, whatever the reason, and all that it knew */
	if
	:: sent[me] && !late -> late = sent[me]; late_to = sent_to[me]; late_life = life[me]
	:: else
	fi;
	if
	:: script_of[BLUE] == me -> script_of[BLUE] = NOBODY
	:: script_of[GREEN] == me -> script_of[GREEN] = NOBODY
	:: else
	fi;
	sent[me] = 0; sent_to[me] = 0; answer[me] = 0; permit[me] = false; life[me] = 0;
	v_volume = 0; v_address = 0; back = false;
	v_guest[BLUE] = 0; v_guest[GREEN] = 0; v_machine[BLUE] = 0; v_machine[GREEN] = 0;
	kind = 0; end = 0; m = 0; allowed = true;
	go_to(0);
	goto over

over:	skip
	}
	od
}
