/* Handlers that may block: run on the application's workers while their connection is suspended. */
#ifndef WRIT_HTTP_WORK_H
#define WRIT_HTTP_WORK_H

#include "http/exchange.h"

/* Suspends the connection and hands the request to a worker. When the request comes back to the event thread its stage
 * is READY (the reply is filled), BUSY (no worker would take it) or ABANDONED. */
void work_hand_out(struct exchange *);

/* Runs the handler and judges what it left. Called on either kind of thread. */
void work_run_handler(struct exchange *);

/* Resumes every suspended connection without its reply: the server stops. */
void work_abandon(struct http_server *);

#endif
