/* Handlers that may block: run on the application's workers while their connection is suspended. */
#ifndef WRIT_HTTP_WORK_H
#define WRIT_HTTP_WORK_H

#include "http/exchange.h"

/* Suspends the connection and hands the request to a worker. When the request comes back to the event thread its stage
 * is READY (the reply is filled), BUSY (no worker would take it) or ABANDONED. */
void work_hand_out(struct exchange *);

/* Runs the handler and judges what it left. On an event thread its reply may ask for a worker (reply.later): it is then
 * to be dropped, and the request handed out. */
void work_run_handler(struct exchange *, bool on_worker);

/* Resumes every suspended connection without its reply: the server stops. */
void work_abandon(struct http_server *);

#endif
