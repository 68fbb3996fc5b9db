#ifndef CORE_SERVER_NOTIFY_H
#define CORE_SERVER_NOTIFY_H

/* Tells systemd how it goes: "READY=1" (sd_notify(3), Type=notify). Without systemd nothing happens. */
void notify(const char *state);

#endif
