#ifndef CORE_SERVER_JUDGE0_ROUTES_H
#define CORE_SERVER_JUDGE0_ROUTES_H

/* The handlers of the Judge0 API. */

struct request;

void info_home(struct request *request);
void info_about(struct request *request);
void info_version(struct request *request);
void info_isolate(struct request *request);
void info_license(struct request *request);

#endif
