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

enum result grant_insert(struct connection *connection, const struct realm *realm, const struct grant_record *grant, const struct grant_code *code)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "INSERT INTO grant_record (partition, kind, " GRANT_COLUMNS ", code_hash, code_expires_at, code_used_at, code_challenge, "
		            "redirect_uri, tokens_until, forget_at) "
		            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, nullif(?17, 0), ?18, ?19, ?20, ?21)");
	bind_realm(statement, realm);
	bind_text(statement, 3, grant->gid);
	bind_text(statement, 4, grant->client_id);
	bind_text(statement, 5, grant->person_id);
	bind_text(statement, 6, grant->sid);
	bind_text(statement, 7, grant->scope);
	bind_text(statement, 8, grant->echoed);
	bind_optional(statement, 9, grant->nonce);
	bind_text(statement, 10, grant->claims_id_token);
	bind_text(statement, 11, grant->claims_userinfo);
	bind_int(statement, 12, grant->auth_time);
	bind_int(statement, 13, grant->granted_ms);
	bind_int(statement, 14, grant->offline);
	bind_hash(statement, 15, code->hash);
	bind_int(statement, 16, code->expires_at);
	bind_int(statement, 17, code->used_at);
	bind_optional(statement, 18, code->challenge);
	bind_text(statement, 19, code->redirect_uri);
	bind_int(statement, 20, code->tokens_until);
	bind_int(statement, 21, code->forget_at);
	return statement_run(statement, NULL);
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
