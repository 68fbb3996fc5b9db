#ifndef CORE_SERVER_CLASS_ANALYTICS_H
#define CORE_SERVER_CLASS_ANALYTICS_H

/* GET /api/analytics/…: what a student did, how challenges fare. */

#include <stdint.h>

struct kl_buf;
struct request;

extern const struct route_area analytics_area;

/* --- what both files of it need ------------------------------------------------------------------------------------ */

#define ANALYTICS_WEEKS 26 /* that are told of */

void analytics_me(struct request *request); /* analytics_student.c */
void analytics_number(struct kl_buf *body, const char *name, double value);
/* Parts of whole in percent, one decimal; nothing of nothing is 0. */
double analytics_percent(int64_t part, int64_t whole);
/* A week as an object into ctx, which is the body. */
void analytics_week(void *ctx, int64_t at, int64_t works, int64_t passed, int64_t solved);
/* The first of so many weeks that end with this one. */
int64_t analytics_weeks_ago(const struct request *request, int64_t weeks);

#endif
