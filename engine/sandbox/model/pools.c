/* pools.c: addresses that are given out one by one and come back. */
#include <arpa/inet.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "sandbox/model/inside.h"

enum {
	PRIVATE_NET = 0x0a4d0000, /* 10.77.0.0/16, a /18 for each zone */
	RESERVED = 4,             /* the first four of a subnet are AWS's, and the last one */
};

static bool is_taken(const struct pool *p, uint32_t number)
{
	return p->taken[number / 8] & (1u << number % 8);
}

void pool_init(struct pool *p, uint32_t count)
{
	*p = (struct pool){ .taken = alloc_zeroed(1, count / 8 + 1), .count = count, .free = count };
}

/* Goes on from the last one given out, so that an address rests for a while before it is used again. */
bool pool_take(struct pool *p, uint32_t *ret)
{
	if (!p->free)
		return false;
	while (is_taken(p, p->cursor))
		p->cursor = (p->cursor + 1) % p->count;
	*ret = p->cursor;
	p->taken[*ret / 8] |= (uint8_t)(1u << *ret % 8);
	p->cursor = (p->cursor + 1) % p->count;
	p->free--;
	return true;
}

void pool_put(struct pool *p, uint32_t number)
{
	p->taken[number / 8] &= (uint8_t) ~(1u << number % 8);
	p->free++;
}

void pool_release(struct pool *p)
{
	free(p->taken);
	*p = (struct pool){ .taken = NULL };
}

bool pool_take_private(struct model *m, int zone, char *ret)
{
	struct pool *p = &m->private_pools[zone];
	struct in_addr address;
	uint32_t number;

	do {
		if (!pool_take(p, &number))
			return false;
	} while (number < RESERVED || number == ZONE_ADDRESSES - 1);
	address.s_addr = htonl((uint32_t)PRIVATE_NET + (uint32_t)zone * ZONE_ADDRESSES + number);
	inet_ntop(AF_INET, &address, ret, MODEL_ADDRESS_SIZE);
	return true;
}

void pool_put_private(struct model *m, int zone, const char *ip)
{
	struct in_addr address;

	inet_pton(AF_INET, ip, &address);
	pool_put(&m->private_pools[zone], ntohl(address.s_addr) % ZONE_ADDRESSES);
}
