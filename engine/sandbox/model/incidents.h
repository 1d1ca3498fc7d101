/*
 * incidents.h: faults that are no answer to a call: a machine dies, EC2 stops it, its host keys change,
 * an address is taken. They happen after a call, or at a time if their line names no call.
 *
 * A call that was carried out is reported with model_after_call(), whatever became of it; the incident
 * comes with the next model_advance(), at the earliest.
 */
#ifndef SANDBOX_MODEL_INCIDENTS_H
#define SANDBOX_MODEL_INCIDENTS_H

#include "sandbox/model/faults.h"

/* Adds a fault of any kind, with the model's time as its beginning. */
void model_add_fault(struct model *m, const struct fault *f);

/* Of a question that was asked at FAULT_AT_CALL; others are passed over. */
void model_after_call(struct model *m, const struct fault_question *q);
#endif
