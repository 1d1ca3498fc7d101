#include "sandbox/route_netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	REQUEST_SIZE = 512,
	ANSWER_SIZE = 4096,
	LOOPBACK_INDEX = 1, /* lo is the first link of any namespace */
};

struct request {
	struct nlmsghdr head;
	char rest[REQUEST_SIZE];
};

static void begin(struct request *q, int type, int flags)
{
	*q = (struct request){
		.head = { .nlmsg_len = NLMSG_LENGTH(0),
			.nlmsg_type = (unsigned short)type,
			.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags) },
	};
}

/* Room for len more bytes, zeroed. The requests below are known to fit. */
static void *append(struct request *q, size_t len)
{
	void *at = (char *)q + NLMSG_ALIGN(q->head.nlmsg_len);

	q->head.nlmsg_len = NLMSG_ALIGN(q->head.nlmsg_len) + (unsigned)NLMSG_ALIGN(len);
	return at;
}

static struct rtattr *append_attribute(struct request *q, int type, const void *bytes, size_t len)
{
	struct rtattr *attribute = append(q, RTA_LENGTH(len));

	attribute->rta_type = (unsigned short)type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(attribute), bytes, len);
	return attribute;
}

static void append_name(struct request *q, int type, const char *name)
{
	append_attribute(q, type, name, strlen(name) + 1);
}

/* Everything appended since `nest` becomes part of it. */
static void end_nest(struct request *q, struct rtattr *nest)
{
	nest->rta_len = (unsigned short)((char *)q + q->head.nlmsg_len - (char *)nest);
}

/* Sends it and waits for the kernel's verdict. */
static bool ask(int netlink, struct request *q)
{
	union {
		struct nlmsghdr head;
		char bytes[ANSWER_SIZE];
	} answer;
	struct nlmsgerr *verdict;
	ssize_t len;

	if (send(netlink, q, q->head.nlmsg_len, 0) < 0)
		return false;
	do
		len = recv(netlink, &answer, sizeof(answer), 0);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return false;
	if ((size_t)len < NLMSG_LENGTH(sizeof(*verdict)) || answer.head.nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return false;
	}
	verdict = NLMSG_DATA(&answer.head);
	errno = -verdict->error;
	return verdict->error == 0;
}

int netlink_open(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

bool netlink_add_pair(int netlink, const char *link, const char *peer_link, pid_t peer)
{
	struct rtattr *info, *data, *other;
	struct request q;

	begin(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	append(&q, sizeof(struct ifinfomsg));
	append_name(&q, IFLA_IFNAME, link);
	info = append_attribute(&q, IFLA_LINKINFO, NULL, 0);
	append_name(&q, IFLA_INFO_KIND, "veth");
	data = append_attribute(&q, IFLA_INFO_DATA, NULL, 0);
	other = append_attribute(&q, VETH_INFO_PEER, NULL, 0);
	append(&q, sizeof(struct ifinfomsg));
	append_name(&q, IFLA_IFNAME, peer_link);
	append_attribute(&q, IFLA_NET_NS_PID, &peer, sizeof(peer));
	end_nest(&q, other);
	end_nest(&q, data);
	end_nest(&q, info);
	return ask(netlink, &q);
}

bool netlink_delete_link(int netlink, const char *link)
{
	struct request q;

	begin(&q, RTM_DELLINK, 0);
	append(&q, sizeof(struct ifinfomsg));
	append_name(&q, IFLA_IFNAME, link);
	return ask(netlink, &q);
}

bool netlink_set_up(int netlink, const char *link)
{
	struct ifinfomsg *info;
	struct request q;

	begin(&q, RTM_NEWLINK, 0);
	info = append(&q, sizeof(*info));
	info->ifi_flags = IFF_UP;
	info->ifi_change = IFF_UP;
	append_name(&q, IFLA_IFNAME, link);
	return ask(netlink, &q);
}

bool netlink_add_address(int netlink, const char *link, struct in_addr address)
{
	unsigned index = if_nametoindex(link);
	struct ifaddrmsg *info;
	struct request q;

	if (!index)
		return false;
	begin(&q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	info = append(&q, sizeof(*info));
	info->ifa_family = AF_INET;
	info->ifa_prefixlen = 32;
	info->ifa_index = index;
	append_attribute(&q, IFA_LOCAL, &address, sizeof(address));
	append_attribute(&q, IFA_ADDRESS, &address, sizeof(address));
	return ask(netlink, &q);
}

static const struct {
	unsigned char type, scope, table;
} KINDS[] = {
	[ROUTE_LINK] = { RTN_UNICAST, RT_SCOPE_LINK, RT_TABLE_MAIN },
	[ROUTE_GATEWAY] = { RTN_UNICAST, RT_SCOPE_UNIVERSE, RT_TABLE_MAIN },
	[ROUTE_SELF] = { RTN_LOCAL, RT_SCOPE_HOST, RT_TABLE_LOCAL },
	[ROUTE_NOWHERE] = { RTN_UNREACHABLE, RT_SCOPE_UNIVERSE, RT_TABLE_MAIN },
};

static bool describe_route(struct request *q, const struct route *r)
{
	unsigned index = r->kind == ROUTE_SELF ? LOOPBACK_INDEX : r->link ? if_nametoindex(r->link) : 0;
	struct rtmsg *info = append(q, sizeof(*info));

	if (!index && r->kind != ROUTE_NOWHERE)
		return false;
	info->rtm_family = AF_INET;
	info->rtm_dst_len = (unsigned char)r->prefix;
	info->rtm_protocol = RTPROT_STATIC;
	info->rtm_type = KINDS[r->kind].type;
	info->rtm_scope = KINDS[r->kind].scope;
	info->rtm_table = KINDS[r->kind].table;
	if (r->prefix)
		append_attribute(q, RTA_DST, &r->to, sizeof(r->to));
	if (index)
		append_attribute(q, RTA_OIF, &index, sizeof(index));
	if (r->kind == ROUTE_GATEWAY) {
		info->rtm_flags = RTNH_F_ONLINK;
		append_attribute(q, RTA_GATEWAY, &r->gateway, sizeof(r->gateway));
	}
	return true;
}

bool netlink_set_route(int netlink, const struct route *r)
{
	struct request q;

	begin(&q, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
	return describe_route(&q, r) && ask(netlink, &q);
}

bool netlink_delete_route(int netlink, const struct route *r)
{
	struct request q;

	begin(&q, RTM_DELROUTE, 0);
	return describe_route(&q, r) && (ask(netlink, &q) || errno == ESRCH);
}
