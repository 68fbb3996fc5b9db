#ifndef CORE_SERVER_CLASS_ADMIN_H
#define CORE_SERVER_CLASS_ADMIN_H

/* The administrator's routes: backup, reload. */

extern const struct server_part admin_part;
extern const struct route_area admin_area;

#endif
