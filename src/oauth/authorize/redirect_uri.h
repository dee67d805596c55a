/* Is a redirect_uri one that the client application registered? By simple string comparison (RFC 3986 §6.2.1, RFC 9700
 * §2.1): nothing is parsed and put together again. Only the port of a registered http://127.0.0.1 or http://[::1] address
 * may vary (RFC 8252 §7.3), and not that of the console's (directory/console_application.h). */
#ifndef WRIT_OAUTH_REDIRECT_URI_H
#define WRIT_OAUTH_REDIRECT_URI_H

#include "base/arena.h"
#include "store/model.h"

bool redirect_uri_registered(const struct client_application *, struct slice redirect_uri);

/* http on this machine, or a private-use scheme: another program may answer there, so that consent is asked each time
 * (RFC 8252 §8.6). */
bool redirect_uri_is_native(struct slice redirect_uri);

/* Where the person goes back to, in short: "portal.example" or "com.example.app". Part of the address. */
struct slice redirect_uri_destination(struct slice redirect_uri);

/* The registered address that is most like this one; ptr NULL: there is none. */
struct slice redirect_uri_nearest(const struct client_application *, struct slice redirect_uri);

/* For the administrator's audit event: what arrived, the nearest address that is registered, and where they differ.
 * Never shown to who sent it. */
struct slice redirect_uri_difference(struct arena *, const struct client_application *, struct slice redirect_uri);

#endif
