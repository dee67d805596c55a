#include "store/sqlite_grants.h"

void bind_realm(sqlite3_stmt *statement, const struct realm *realm)
{
	bind_partition(statement, 1, &realm->partition);
	bind_int(statement, 2, realm->kind);
}

void grant_from_row(struct row *row, struct grant_record *ret)
{
	*ret = (struct grant_record) { 0 };
	ret->gid = row_text(row);
	ret->client_id = row_text(row);
	ret->person_id = row_text(row);
	ret->sid = row_text(row);
	ret->scope = row_text(row);
	ret->echoed = row_text(row);
	ret->nonce = row_optional(row);
	ret->claims_id_token = row_text(row);
	ret->claims_userinfo = row_text(row);
	ret->auth_time = row_int(row);
	ret->granted_ms = row_int(row);
	ret->offline = row_bool(row);
}

bool kept_text_set(struct kept_text *kept, struct slice text)
{
	kept->len = 0;
	if (text.len == 0 || text.len > sizeof(kept->text))
		return false;
	memcpy(kept->text, text.ptr, text.len);
	kept->len = (unsigned char)text.len;
	return true;
}
