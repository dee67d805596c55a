/* How a sentence names a parameter that came from outside. */
#ifndef WRIT_HTTP_PARAMETER_LABEL_H
#define WRIT_HTTP_PARAMETER_LABEL_H

#include "base/slice.h"

#define PARAMETER_LABEL_SIZE 80

/* "The parameter scope"; "A parameter" when its name cannot stand in a sentence of printable ASCII without quotes and
 * backslashes, or is long. Writes to label and gives it back. */
const char *parameter_label(struct slice name, char label[PARAMETER_LABEL_SIZE]);

#endif
