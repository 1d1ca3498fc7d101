#include "run/audit/case.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cloud/tags.h"

/* What the role of a blue says about its rebuild. */
static const struct {
	const char *role;
	enum fate fate;
} BLUE_ROLES[] = {
	{ ROLE_BLUE, FATE_OPEN },
	{ ROLE_RESTORING, FATE_OPEN },
	{ ROLE_RESTORED, FATE_BACK },
	{ ROLE_RETIRED, FATE_DONE },
};

/* "data", or "data.2" where a machine has several. */
bool audit_is_data(const struct volume *v)
{
	return text_starts_with(v->role, "data");
}

bool audit_holds_data(const struct inventory *in, const struct instance *i)
{
	for (size_t n = 0; n < in->volume_count; n++)
		if (audit_is_data(&in->volumes[n]) && !strcmp(in->volumes[n].instance_id, i->id))
			return true;
	return false;
}

const struct address *audit_address_of(const struct inventory *in, const char *instance_id)
{
	for (size_t i = 0; i < in->address_count; i++)
		if (!strcmp(in->addresses[i].instance_id, instance_id))
			return &in->addresses[i];
	return NULL;
}

bool case_owns_volume(const struct audit_case *c, const struct volume *v)
{
	return audit_is_data(v) && !strcmp(v->rebuild, c->id);
}

bool case_is_green(const struct audit_case *c, const struct instance *i)
{
	return !strcmp(i->rebuild, c->id) && !strcmp(i->role, ROLE_GREEN);
}

bool case_is_over(const struct audit_case *c)
{
	return c->fate == FATE_DONE || c->fate == FATE_BACK;
}

/* By its tags; or by the record, if its tags were taken off and are not those of another rebuild. */
static bool is_blue(const struct audit_case *c, const struct instance *i)
{
	if (i->rebuild[0])
		return !strcmp(i->rebuild, c->id) && !case_is_green(c, i);
	return c->known && !strcmp(c->known->record.blue, i->id);
}

bool case_owns_instance(const struct audit_case *c, const struct instance *i)
{
	return is_blue(c, i) || case_is_green(c, i);
}

/* The record lists its addresses as a JSON array of texts: one that stands there is in quotes. */
static bool names_address(const struct record *r, const char *public_ip)
{
	char quoted[CLOUD_ADDRESS_SIZE + 2];

	snprintf(quoted, sizeof(quoted), "\"%s\"", public_ip);
	return strstr(r->addresses, quoted) != NULL;
}

/* The newest rebuild that the journal knows to have had this address. */
static const struct known_rebuild *rebuild_of_address(const struct inventory *in, const char *public_ip)
{
	const struct known_rebuild *newest = NULL;

	for (size_t i = 0; i < in->rebuild_count; i++) {
		const struct record *r = &in->rebuilds[i].record;

		if (names_address(r, public_ip) && (!newest || r->created_ms > newest->record.created_ms))
			newest = &in->rebuilds[i];
	}
	return newest;
}

/* How blue was found names the addresses that it had (rebuild/found.h). */
static bool is_named_on_blue(const struct audit_case *c, const struct address *a)
{
	const char *word = c->blue ? strstr(c->blue->found, a->allocation_id) : NULL;

	return word && a->allocation_id[0] && strchr(" ", word[strlen(a->allocation_id)]);
}

bool case_owns_address(const struct audit_case *c, const struct address *a)
{
	const struct instance *target = inventory_instance(c->in, a->instance_id);

	if (target && a->instance_id[0] && case_owns_instance(c, target))
		return true;
	if (is_named_on_blue(c, a))
		return !a->instance_id[0] || c->fate == FATE_OPEN;
	return !a->instance_id[0] && c->known && rebuild_of_address(c->in, a->public_ip) == c->known;
}

static const struct instance *find_blue(const struct audit_case *c)
{
	for (size_t i = 0; i < c->in->instance_count; i++)
		if (is_blue(c, &c->in->instances[i]))
			return &c->in->instances[i];
	return NULL;
}

static const struct instance *find_holder(const struct audit_case *c)
{
	for (size_t i = 0; i < c->in->volume_count; i++) {
		const struct volume *v = &c->in->volumes[i];
		const struct instance *holder =
			case_owns_volume(c, v) ? inventory_instance(c->in, v->instance_id) : NULL;

		if (holder && case_owns_instance(c, holder))
			return holder;
	}
	return NULL;
}

static enum fate fate_by_record(const struct known_rebuild *known)
{
	if (known->lease.state == LEASE_HELD_ALIVE && !known->lease.is_ours)
		return FATE_DRIVEN;
	switch (known->record.state) {
	case RECORD_PLANNED:
	case RECORD_RUNNING:
	case RECORD_PARKED:
		return FATE_OPEN;
	case RECORD_DONE:
		return FATE_DONE;
	case RECORD_ROLLED_BACK:
	case RECORD_FAILED:
	case RECORD_STATE_COUNT:
		break;
	}
	return FATE_BACK;
}

static enum fate fate_by_tags(const struct audit_case *c)
{
	for (size_t i = 0; c->blue && inventory_is_alive(c->blue) && i < ARRAY_SIZE(BLUE_ROLES); i++)
		if (!strcmp(c->blue->role, BLUE_ROLES[i].role))
			return BLUE_ROLES[i].fate;
	/* Blue is gone, or belongs to a later rebuild: what holds the data is what serves. */
	return c->holder && case_is_green(c, c->holder) ? FATE_DONE : FATE_UNKNOWN;
}

void audit_case_fill(const struct inventory *in, const char *rebuild, struct audit_case *ret)
{
	*ret = (struct audit_case){ .in = in, .id = rebuild, .known = inventory_rebuild(in, rebuild) };
	ret->blue = find_blue(ret);
	ret->holder = find_holder(ret);
	ret->fate = ret->known ? fate_by_record(ret->known) : fate_by_tags(ret);
}
