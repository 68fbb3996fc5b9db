#ifndef CORE_SERVER_CLASS_ANALYTICS_H
#define CORE_SERVER_CLASS_ANALYTICS_H

/* GET /api/analytics/…: what a student did, how challenges fare. */

extern const struct route_area analytics_area;

#endif
