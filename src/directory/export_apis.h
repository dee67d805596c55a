#ifndef WRIT_DIRECTORY_EXPORT_APIS_H
#define WRIT_DIRECTORY_EXPORT_APIS_H

#include "directory/export_write.h"
#include "store/model.h"

/* Writes an API of the open partition; what is read back has the same digest. RESULT_FAILED: out cannot be written, or memory is out.
 * permission_prefix   of the partition: reading takes it off scopes, so those that begin with it get it once more. */
MUST_CHECK enum result api_export(struct export_writer *, struct slice permission_prefix, const struct api *);

#endif
