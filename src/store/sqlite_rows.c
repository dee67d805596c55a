#include "store/sqlite_rows.h"

enum result partition_from_row(struct row *row, struct partition *ret)
{
	struct partition partition = { 0 };
	if (!partition_id_parse(column_text(row->statement, row->column++), &partition.id))
		return RESULT_STORE_DOWN;
	partition.name = row_text(row);
	partition.permission_prefix = row_text(row);
	partition.access_token_algorithm = (enum signing_algorithm)row_int(row);
	partition.branding_name = row_text(row);
	partition.branding_color = row_text(row);
	partition.branding_logo_url = row_text(row);
	partition.policy_user = row_text(row);
	partition.policy_customer = row_text(row);
	partition.anonymous_enabled = row_bool(row);
	partition.anonymous_permissions = row_text(row);
	partition.version = row_int(row);
	*ret = partition;
	return RESULT_OK;
}

void department_from_row(struct row *row, struct department *ret)
{
	*ret = (struct department) { 0 };
	ret->name = row_text(row);
	ret->version = row_int(row);
}

void permission_from_row(struct row *row, struct permission *ret)
{
	*ret = (struct permission) { 0 };
	ret->name = row_text(row);
	ret->description = row_text(row);
	ret->kind = (enum permission_kind)row_int(row);
	ret->version = row_int(row);
}

void person_from_row(struct row *row, struct person *ret)
{
	*ret = (struct person) { 0 };
	ret->kind = (enum person_kind)row_int(row);
	ret->id = row_text(row);
	ret->username = row_text(row);
	ret->email = row_text(row);
	ret->department = row_text(row);
	ret->roles = row_text(row);
	ret->enabled = row_bool(row);
	ret->password_hash = row_text(row);
	ret->claims = row_text(row);
	ret->valid_from_ms = row_int(row);
	ret->version = row_int(row);
}

enum result application_from_row(struct row *row, struct client_secret secrets[LIMIT_SECRETS], struct client_application *ret)
{
	struct client_application application = { .secrets = secrets };
	application.client_id = row_text(row);
	application.name = row_text(row);
	application.platform = (enum platform)row_int(row);
	application.enabled = row_bool(row);
	application.redirect_urls = row_text(row);
	application.post_logout_redirect_urls = row_text(row);
	application.backchannel_logout_url = row_text(row);
	application.jwks_url = row_text(row);
	application.permissions = row_text(row);
	application.grants = (unsigned)row_int(row);
	application.access_token_seconds = row_int(row);
	application.refresh_tokens = row_bool(row);
	application.refresh_idle_seconds = row_int(row);
	application.refresh_max_seconds = row_int(row);
	application.consent = (enum consent)row_int(row);
	application.id_token_algorithm = (enum signing_algorithm)row_int(row);
	application.valid_from_ms = row_int(row);
	application.version = row_int(row);
	enum result result = secrets_unpack(row_text(row), secrets, &application.secret_count);
	if (result != RESULT_OK)
		return result;
	application.jwks = row_text(row);
	*ret = application;
	return RESULT_OK;
}
