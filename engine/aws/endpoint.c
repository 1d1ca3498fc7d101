#include "aws/endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"
#include "base/text.h"

/* A partition by how its regions begin. The first row that fits counts; the last fits all. */
struct partition {
	const char *prefix;
	const char *suffix, *dual_suffix; /* dual_suffix NULL: no such hosts known */
	bool fips_is_plain;               /* the usual host is the FIPS one */
};

static const struct partition PARTITIONS[] = {
	{ .prefix = "cn-", .suffix = "amazonaws.com.cn", .dual_suffix = "api.amazonwebservices.com.cn" },
	{ .prefix = "us-gov-", .suffix = "amazonaws.com", .dual_suffix = "api.aws", .fips_is_plain = true },
	{ .prefix = "us-iso-", .suffix = "c2s.ic.gov" },
	{ .prefix = "us-isob-", .suffix = "sc2s.sgov.gov" },
	{ .prefix = "eusc-", .suffix = "amazonaws.eu" },
	{ .prefix = "", .suffix = "amazonaws.com", .dual_suffix = "api.aws" },
};

static const struct partition *partition_of(const char *region)
{
	const struct partition *p = PARTITIONS;

	while (!text_starts_with(region, p->prefix))
		p++;
	return p;
}

/* The region becomes part of a host name: nothing else may slip in. */
static bool check_region(const char *region, struct error *err)
{
	size_t len = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (!region[len] && len < ENDPOINT_REGION_SIZE)
		return true;
	error_set(err, ERROR_USAGE, "AWS region \"%.64s\" is not a region's name", region);
	return error_hint(err, "write it like eu-west-1, without a zone's letter or spaces");
}

static bool find_region(const struct settings *s, const char *plan_region, char *ret, struct error *err)
{
	const char *region = plan_region;

	if (!region)
		region = settings_variable(s, "AWS_REGION");
	if (!region)
		region = settings_find(s, "AWS_DEFAULT_REGION", "region");
	if (!region) {
		error_set(err, ERROR_USAGE,
			"no AWS region: the plan has no cloud.region, AWS_REGION and AWS_DEFAULT_REGION are "
			"not set, "
			"and profile %s has none in %s or %s",
			s->profile, s->config_path, s->credentials_path);
		return error_hint(err, "add cloud.region to the plan, or set AWS_REGION");
	}
	if (!check_region(region, err))
		return false;
	text_copy(ret, ENDPOINT_REGION_SIZE, region);
	return true;
}

static bool use_rule(const struct settings *s, struct endpoint *ret, struct error *err)
{
	const struct partition *p = partition_of(ret->region);
	bool fips = settings_is_true(s, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
	bool dual = settings_is_true(s, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
	const char *service = fips && (dual || !p->fips_is_plain) ? "ec2-fips" : "ec2";

	if (dual && !p->dual_suffix) {
		error_set(err, ERROR_USAGE, "region %s has no dual-stack hosts that we know of", ret->region);
		return error_hint(err, "unset AWS_USE_DUALSTACK_ENDPOINT, or set AWS_ENDPOINT_URL_EC2");
	}
	snprintf(ret->host, sizeof(ret->host), "%s.%s.%s", service, ret->region,
		dual ? p->dual_suffix : p->suffix);
	snprintf(ret->url, sizeof(ret->url), "https://%s/", ret->host);
	ret->path = ret->url + strlen("https://") + strlen(ret->host);
	return true;
}

static const char *const USUAL_PORTS[] = { ":443", ":80" };

/* Says which setting is wrong, not what it is: an address may hold a password. */
static bool refuse_url(const struct endpoint *e, const char *why, struct error *err)
{
	error_set(err, ERROR_USAGE, "the endpoint address in %s cannot be used: %s", e->configured_by, why);
	return error_hint(err, "write it like https://host:port or http://127.0.0.1:4566");
}

static bool check_host(const char *host, size_t len)
{
	static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]";

	return len > 0 && len < ENDPOINT_HOST_SIZE && strspn(host, ALLOWED) >= len && *host != ':';
}

/*
 * Host and port in lower case, without the scheme's usual port: curl sends the Host header so, and
 * what it sends must be what was signed.
 */
static void set_host(struct endpoint *ret, const char *host, size_t len, bool tls)
{
	const char *usual = USUAL_PORTS[!tls];

	for (size_t i = 0; i < len; i++)
		ret->host[i] = (char)tolower((unsigned char)host[i]);
	ret->host[len] = '\0';
	if (text_ends_with(ret->host, usual))
		ret->host[len - strlen(usual)] = '\0';
}

static bool use_url(const char *url, struct endpoint *ret, struct error *err)
{
	bool tls = !strncasecmp(url, "https://", 8);
	const char *host = strstr(url, "://");
	size_t len, scheme_len;

	if (!tls && strncasecmp(url, "http://", 7) != 0)
		return refuse_url(ret, "it begins with neither https:// nor http://", err);
	host += 3;
	len = strcspn(host, "/?#");
	if (!check_host(host, len))
		return refuse_url(ret, "it names no host, or more than a host and a port", err);
	if (strpbrk(host + len, "?# \t\r\n"))
		return refuse_url(ret, "a query or white space does not belong there", err);
	set_host(ret, host, len, tls);
	scheme_len = tls ? 8 : 7;
	if (strlen(host) + scheme_len + 2 > sizeof(ret->url))
		return refuse_url(ret, "it is too long", err);
	snprintf(ret->url, sizeof(ret->url), "%s%s%s", tls ? "https://" : "http://", ret->host,
		host[len] ? host + len : "/");
	ret->path = ret->url + scheme_len + strlen(ret->host);
	return true;
}

/* Where an address may be configured; the first that has one counts. */
struct source {
	const char *name;              /* the variable, or what people call the place */
	bool is_variable, in_services; /* neither: the profile itself */
};

static const struct source SOURCES[] = {
	{ .name = "AWS_ENDPOINT_URL_EC2", .is_variable = true },
	{ .name = "AWS_ENDPOINT_URL", .is_variable = true },
	{ .name = "the profile's services section", .in_services = true },
	{ .name = "the profile's endpoint_url" },
};

static const char *address_from(const struct settings *s, const struct source *source)
{
	if (source->is_variable)
		return settings_variable(s, source->name);
	if (source->in_services)
		return settings_in_services(s, "ec2", "endpoint_url");
	return settings_in_profile(s, "endpoint_url");
}

/* The configured address, and in *ret_by what configured it; NULL if none is. */
static const char *configured(const struct settings *s, const char **ret_by)
{
	const char *url = NULL;

	if (settings_is_true(s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"))
		return NULL;
	for (size_t i = 0; !url && i < ARRAY_SIZE(SOURCES); i++) {
		*ret_by = SOURCES[i].name;
		url = address_from(s, &SOURCES[i]);
	}
	return url;
}

bool endpoint_find(const struct settings *s, const char *plan_region, struct endpoint *ret, struct error *err)
{
	const char *by = NULL, *url = configured(s, &by);

	*ret = (struct endpoint){ .ca_file = settings_find(s, "AWS_CA_BUNDLE", "ca_bundle") };
	if (!find_region(s, plan_region, ret->region, err))
		return false;
	if (!url)
		return use_rule(s, ret, err);
	ret->configured_by = by;
	if (settings_is_true(s, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"))
		return refuse_url(
			ret, "AWS_USE_FIPS_ENDPOINT cannot be honoured with a configured address", err);
	return use_url(url, ret, err);
}
