#include "visit.h"

#include <stdio.h>
#include <string.h>

const char *visit_step_name(enum visit_step step)
{
	static const char *const names[] = {
		[VISIT_PAGE] = "the sign-in page", [VISIT_PASSWORD] = "the password", [VISIT_AUTHORIZE] = "the authorization request",
		[VISIT_TOKEN] = "the code", [VISIT_REFRESH] = "the refresh token",
	};
	return names[step];
}

bool visit_site_is_whole(const struct visit_site *site)
{
	return site->address != NULL && site->realm != NULL && site->client_id != NULL && site->client_secret != NULL &&
	       site->redirect_uri != NULL && site->scope != NULL && site->person != NULL && site->password != NULL;
}

void visit_begin(struct visit *visit, unsigned person)
{
	*visit = (struct visit) { .person = person };
}

/* ---- requests --------------------------------------------------------------------------------------------------- */

static size_t write_cookies(const struct visit *visit, char *out, size_t room)
{
	size_t size = 0;
	for (size_t i = 0; i < VISIT_COOKIES && size < room; i++)
		if (visit->cookies[i][0] != '\0')
			size += (size_t)snprintf(out + size, room - size, "%s%s", size == 0 ? "Cookie: " : "; ", visit->cookies[i]);
	if (size > 0 && size < room)
		size += (size_t)snprintf(out + size, room - size, "\r\n");
	return size;
}

static size_t write_authorize(const struct visit_site *site, const struct visit *visit, char out[VISIT_REQUEST_SIZE])
{
	char cookies[VISIT_COOKIES * (VISIT_COOKIE_SIZE + 16)] = "";
	write_cookies(visit, cookies, sizeof cookies);
	return (size_t)snprintf(out, VISIT_REQUEST_SIZE,
	                        "GET /system/auth/%s/oauth2/authorize?response_type=code&client_id=%s&redirect_uri=%s&scope=%s"
	                        "&state=af0ifjsldkj&nonce=n-0S6_WzA2Mj HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (bench)\r\n"
	                        "Accept: text/html\r\n%s\r\n",
	                        site->realm, site->client_id, site->redirect_uri, site->scope, site->address, cookies);
}

static size_t write_post(const struct visit_site *site, const char *path, const char *headers, const char *body, char out[VISIT_REQUEST_SIZE])
{
	return (size_t)snprintf(out, VISIT_REQUEST_SIZE,
	                        "POST /system/auth/%s%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n%s"
	                        "Content-Length: %zu\r\n\r\n%s",
	                        site->realm, path, site->address, headers, strlen(body), body);
}

static size_t write_password(const struct visit_site *site, const struct visit *visit, char out[VISIT_REQUEST_SIZE])
{
	char body[VISIT_REQUEST_SIZE / 2 + VISIT_ATTEMPT_SIZE], headers[VISIT_COOKIES * (VISIT_COOKIE_SIZE + 16) + 256];
	int size = snprintf(headers, sizeof headers, "User-Agent: Mozilla/5.0 (bench)\r\nOrigin: http://%s\r\n", site->address);
	write_cookies(visit, headers + size, sizeof headers - (size_t)size);
	snprintf(body, sizeof body, "attempt=%s&username=%s%05u&password=%s", visit->attempt, site->person, visit->person, site->password);
	return write_post(site, "/sign-in", headers, body, out);
}

static size_t write_token(const struct visit_site *site, const struct visit *visit, bool refresh, char out[VISIT_REQUEST_SIZE])
{
	char body[4096];
	int size = snprintf(body, sizeof body, "client_id=%s&client_secret=%s&", site->client_id, site->client_secret);
	if (refresh)
		snprintf(body + size, sizeof body - (size_t)size, "grant_type=refresh_token&refresh_token=%s", visit->refresh_token);
	else
		snprintf(body + size, sizeof body - (size_t)size, "grant_type=authorization_code&code=%s&redirect_uri=%s", visit->code, site->redirect_uri);
	return write_post(site, "/oauth2/token", "", body, out);
}

size_t visit_request(const struct visit_site *site, const struct visit *visit, enum visit_step step, char out[VISIT_REQUEST_SIZE])
{
	size_t size = 0;
	switch (step) {
	case VISIT_PAGE:
	case VISIT_AUTHORIZE: size = write_authorize(site, visit, out); break;
	case VISIT_PASSWORD: size = write_password(site, visit, out); break;
	case VISIT_TOKEN: size = write_token(site, visit, false, out); break;
	case VISIT_REFRESH: size = write_token(site, visit, true, out); break;
	}
	return size < VISIT_REQUEST_SIZE ? size : 0;
}

/* ---- replies ---------------------------------------------------------------------------------------------------- */

/* Copies text from inside data[0..size) up to one of the ends. False: there is none, or it does not fit, or it is empty. */
static bool copy_until(const char *from, const char *data, size_t size, const char *ends, char *out, size_t room)
{
	size_t left = from == NULL ? 0 : (size_t)(data + size - from), len = 0;
	while (len < left && strchr(ends, from[len]) == NULL)
		len++;
	if (len == 0 || len == left || len >= room)
		return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return true;
}

static const char *find_behind(const char *data, size_t size, const char *before)
{
	const char *found = memmem(data, size, before, strlen(before));
	return found == NULL ? NULL : found + strlen(before);
}

static bool keep_cookie(struct visit *visit, const char *line, const struct wire_reply *reply)
{
	char cookie[VISIT_COOKIE_SIZE];
	if (!copy_until(line, reply->head, reply->head_size, ";\r", cookie, sizeof cookie))
		return false;
	size_t name_len = strcspn(cookie, "=") + 1;
	for (size_t i = 0; i < VISIT_COOKIES; i++) {
		if (visit->cookies[i][0] != '\0' && strncmp(visit->cookies[i], cookie, name_len) != 0)
			continue;
		memcpy(visit->cookies[i], cookie, sizeof cookie);
		return true;
	}
	return false;
}

static bool keep_cookies(struct visit *visit, const struct wire_reply *reply)
{
	const char *line = NULL;
	while ((line = wire_header(reply, "Set-Cookie:", line)) != NULL)
		if (!keep_cookie(visit, line, reply))
			return false;
	return true;
}

static bool keep_attempt(struct visit *visit, const struct wire_reply *reply)
{
	const char *field = find_behind(reply->body, reply->body_size, "name=\"attempt\"");
	const char *value = field == NULL ? NULL : find_behind(field, (size_t)(reply->body + reply->body_size - field), "value=\"");
	return copy_until(value, reply->body, reply->body_size, "\"", visit->attempt, sizeof visit->attempt);
}

static bool keep_code(struct visit *visit, const struct wire_reply *reply)
{
	const char *location = wire_header(reply, "Location:", NULL);
	const char *code = location == NULL ? NULL : find_behind(location, (size_t)(reply->head + reply->head_size - location), "code=");
	return copy_until(code, reply->head, reply->head_size, "& \r", visit->code, sizeof visit->code);
}

static bool keep_tokens(struct visit *visit, const struct wire_reply *reply)
{
	const char *token = find_behind(reply->body, reply->body_size, "\"refresh_token\":\"");
	visit->refresh_token[0] = '\0';
	return find_behind(reply->body, reply->body_size, "\"access_token\":\"") != NULL &&
	       (token == NULL || copy_until(token, reply->body, reply->body_size, "\"", visit->refresh_token, sizeof visit->refresh_token));
}

bool visit_reply(struct visit *visit, enum visit_step step, const struct wire_reply *reply)
{
	switch (step) {
	case VISIT_PAGE: return reply->status == 200 && keep_cookies(visit, reply) && keep_attempt(visit, reply);
	case VISIT_PASSWORD: return reply->status == 303 && keep_cookies(visit, reply) && keep_code(visit, reply);
	case VISIT_AUTHORIZE: return reply->status == 303 && keep_code(visit, reply);
	case VISIT_TOKEN: return reply->status == 200 && keep_tokens(visit, reply);
	case VISIT_REFRESH: return reply->status == 200 && keep_tokens(visit, reply) && visit->refresh_token[0] != '\0';
	}
	return false;
}
