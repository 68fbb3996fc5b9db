#ifndef CORE_SERVER_JUDGE0_ROUTES_H
#define CORE_SERVER_JUDGE0_ROUTES_H

/* The handlers of the Judge0 API beside /submissions. */

struct request;

void info_home(struct request *request);
void info_about(struct request *request);
void info_version(struct request *request);
void info_isolate(struct request *request);
void info_license(struct request *request);
void info_languages(struct request *request);
void info_all_languages(struct request *request);
void info_language(struct request *request);
void info_statuses(struct request *request);
void info_config(struct request *request);
void info_workers(struct request *request);
void info_statistics(struct request *request);
void info_system(struct request *request);
void info_authenticate(struct request *request);
void info_authorize(struct request *request);

#endif
