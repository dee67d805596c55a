/* application/x-www-form-urlencoded (RFC 6749 appendix B), written: bodies of requests, and queries. */
#ifndef WRIT_CLI_FORM_WRITE_H
#define WRIT_CLI_FORM_WRITE_H

#include "base/writer.h"

/* One value, encoded. */
void form_encode(struct writer *form, struct slice value);

/* name=value, with a & in front of all but the first. The name stands as it is. */
void form_put(struct writer *form, const char *name, struct slice value);

#endif
