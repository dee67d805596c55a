/* What the library calls, on its event threads: a request's way from its first line to its reply. */
#ifndef WRIT_HTTP_CALLBACKS_H
#define WRIT_HTTP_CALLBACKS_H

#include <microhttpd.h>

/* All take the http_server as context. */
void *callback_target(void *server, const char *uri, struct MHD_Connection *);
enum MHD_Result callback_request(void *server, struct MHD_Connection *, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *upload_size, void **exchange);
void callback_completed(void *server, struct MHD_Connection *, void **exchange, enum MHD_RequestTerminationCode);
void callback_connection(void *server, struct MHD_Connection *, void **connection, enum MHD_ConnectionNotificationCode);

#endif
