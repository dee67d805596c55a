/* The Administration Console as a client application of every partition, SYSTEM too: part of the server, so never stored, listed,
 * exported or changed, and nobody else can have its client id or its name (directory/rules.h).
 *
 * A single page application whose redirect address is on the server's own origin. Nobody else can answer there, on loopback too, for its
 * port counts (unlike that of a registered loopback address); so consent is implied (docs/decisions/console-application.md). */
#ifndef WRIT_DIRECTORY_CONSOLE_APPLICATION_H
#define WRIT_DIRECTORY_CONSOLE_APPLICATION_H

#include "directory/directory.h"

#define CONSOLE_CLIENT_ID "c73a73a4-7ef7-492a-93b1-0dcaf07798db"
#define CONSOLE_NAME "Administration Console"
/* under auth_url */
#define CONSOLE_PATH "/console/"
#define CONSOLE_CALLBACK_PATH "/console/callback"

static inline bool console_application_is(struct slice client_id)
{
	return slice_is(client_id, CONSOLE_CLIENT_ID);
}

/* With one reference, which is the caller's; NULL when memory is out. auth_url is copied. */
MUST_CHECK struct application *console_application_new(struct slice auth_url);

#endif
