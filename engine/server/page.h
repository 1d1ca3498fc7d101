/* page.h: what is shown to anybody: metrics. */
#ifndef SERVER_PAGE_H
#define SERVER_PAGE_H

#include "server/routes.h"

extern const struct route page_metrics;
#endif
