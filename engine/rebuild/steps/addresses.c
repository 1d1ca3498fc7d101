#include "rebuild/steps/addresses.h"

void addresses_look(struct rebuild *r, struct pace pace, struct looks *out)
{
	for (size_t i = 0; i < r->world.address_count; i++)
		step_look(out, QUERY_ADDRESS, r->world.addresses[i].allocation_id, pace);
}
