/* What systemd and Stoa say to each other, by environment and a datagram: inherited listening
 * sockets, and "ready", "stopping". Without systemd nothing happens. */
#pragma once

/* How many listening sockets were inherited: descriptors SYSTEMD_FIRST_FD and up. They are
 * close-on-exec afterwards, and the variables are gone from the environment. */
#define SYSTEMD_FIRST_FD 3
unsigned systemd_listen_fds(void);

/* "READY=1", "STOPPING=1", "RELOADING=1". */
void systemd_notify(const char *state);
