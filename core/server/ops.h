#ifndef CORE_SERVER_OPS_H
#define CORE_SERVER_OPS_H

/* How the server is: for the administrator, monitors and Prometheus. */

struct request;

void ops_health(struct request *request);
void ops_metrics(struct request *request);

#endif
