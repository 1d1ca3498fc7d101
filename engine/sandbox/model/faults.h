/*
 * faults.h: the faults that are to be played, and which of them is due. Pure.
 *
 * Calling order: faults_new(); faults_add() at any time; faults_due() at each point, by the one who
 * carries out what happens there; faults_free(). Each fault counts the questions that match it, so
 * that nothing depends on the others; if several are due, the one added first comes, and the next one
 * with the next question. Chances come from a seed: the same questions at the same times give the same
 * answers.
 */
#ifndef SANDBOX_MODEL_FAULTS_H
#define SANDBOX_MODEL_FAULTS_H

#include "sandbox/model/fault.h"

struct faults;

struct faults *faults_new(uint64_t seed);
void faults_free(struct faults *s);

/* Adds a copy of *f and gives it its number. Times in it count from now_ms. Borrowed until it is removed. */
const struct fault *faults_add(struct faults *s, const struct fault *f, int64_t now_ms);

/* False if there is no such fault. */
bool faults_remove(struct faults *s, unsigned number);
void faults_remove_all(struct faults *s);

/* NULL if there is no such fault, or no longer. */
const struct fault *faults_find(const struct faults *s, unsigned number);

/* Oldest first: NULL gives the first one; NULL at the end. */
const struct fault *faults_next(const struct faults *s, const struct fault *f);

/* What a question is about. */
struct fault_question {
	enum fault_point point;
	const char *call;         /* NULL: none */
	const char *const *names; /* the ids that it concerns; may hold NULL */
	size_t name_count;
	bool named; /* some of them not only in filters */
	int64_t now_ms;
};

/* True if anything at all waits at that point: else there is no need to put a question together. */
bool faults_wait_at(const struct faults *s, enum fault_point point);

/* The fault that happens now; NULL: none. Borrowed until the next change. */
const struct fault *faults_due(struct faults *s, const struct fault_question *q);

/* The time of a timed fault has come: false if it is not due after all, by chance or because it is gone. */
bool faults_time_has_come(struct faults *s, unsigned number, int64_t now_ms);
#endif
