"""The guards: each is a line of the source without which a named test fails.

A row is (attack or rule, file, what stands there, what stands there without the guard, the test that must fail). The
text must stand in the file exactly once. Where one guard stands behind another, file is a list of (file, text, without). Tests are pytest node ids, or unit/NAME for a program of tests/unit.
"""

F = "tests/flows/"

GUARDS = [
    # A4, one kind of token taken for another
    ("A4 typ", "src/jose/jws.c", "if (key != NULL && !type_matches(json_object_text(header, \"typ\"), type))",
     "if (key != NULL && type_matches(json_object_text(header, \"typ\"), type) && false)", "unit/jose/test-jws"),
    # A5, acting for somebody without the right
    ("A5 unassigned scope", "src/oauth/scope_rules.c", "if (!assigned)", "if (!assigned && false)",
     "tests/flows/test_scope_matrix.py::test_a_permission_that_is_not_assigned_is_refused_in_every_flow"),
    ("A5 interactive scope on behalf of", "src/oauth/scope_rules.c", "if (carries[kind][flow] == NO)",
     "if (carries[kind][flow] == NO && flow != FLOW_ON_BEHALF_OF)",
     "tests/flows/test_subjects.py::test_acting_for_somebody_beyond_the_applications_right_is_refused"),
    ("A5 disabled subject", "src/oauth/grants/on_behalf_of.c", "if (result == RESULT_NOT_FOUND || !person.enabled)",
     "if (result == RESULT_NOT_FOUND)",
     "tests/flows/test_subjects.py::test_a_person_who_is_unknown_disabled_or_anothers_is_an_invalid_grant"),
    ("A5 single page application", "src/oauth/token.c",
     "call->application->registered.platform == PLATFORM_SPA && (grant->flags & GRANT_PUBLIC) == 0",
     "call->application->registered.platform == PLATFORM_SPA && false",
     "tests/flows/test_scope_matrix.py::test_a_single_page_application_gets_no_token_without_a_person"),
    ("A5 the other realm's subject", "src/oauth/grants/on_behalf_of.c", "if (users ? email : username || userid)",
     "if ((users ? email : username || userid) && false)",
     "tests/flows/test_subjects.py::test_the_other_realms_kind_of_subject_is_an_invalid_request"),
    # A6, subject dropped
    ("A6 no subject", "src/oauth/grants/on_behalf_of.c", "if (!username && !userid && !email)",
     "if (!username && !userid && !email && false)",
     "tests/flows/test_subjects.py::test_no_subject_is_an_invalid_request_and_never_a_token_for_the_caller"),
    ("A6 two subjects", "src/oauth/grants/on_behalf_of.c", "if (username && userid)", "if (username && userid && false)",
     "tests/flows/test_subjects.py::test_two_subjects_are_an_invalid_request"),
    ("A6 subject of client credentials", "src/oauth/grants/client_credentials.c", "if (request->subject_username.ptr != NULL",
     "if (false && request->subject_username.ptr != NULL",
     "tests/flows/test_subjects.py::test_a_subject_that_client_credentials_would_drop_is_refused"),
    ("A6 NUL and invalid UTF-8", "src/http/form.c", "return result == RESULT_OK && !text_is_clean(*ret) ? RESULT_INVALID : result;",
     "return result;", "tests/flows/test_subjects.py::test_a_broken_or_over_long_subject_is_an_invalid_request"),
    # A7, another tenant's things
    ("A7 another tenant's application", "src/store/sqlite_directory.c",
     "FROM application WHERE partition = ?1 AND client_id = ?2", "FROM application WHERE ?1 <> '' AND client_id = ?2",
     "tests/flows/test_subjects.py::test_another_tenants_credentials_are_unknown_here"),
    ("A7 another tenant's cache entry", "src/directory/cache.c", "memcpy(key, partition.ptr, partition.len);",
     "memset(key, 'x', partition.len);", "unit/directory/test-cache"),
    # A14, guessing
    ("A14 client secrets", "src/signin/failure_limits.c", "if (beyond > 0) {", "if (beyond > 0 && false) {",
     "tests/flows/test_failure_limits.py::test_five_failures_in_a_row_are_answered_and_from_the_sixth_on_it_takes_longer_each_time"),
    ("A14 addresses", "src/signin/failure_limits.c", "address->failures >= limits->options.address_per_minute",
     "address->failures < 0",
     "tests/flows/test_failure_limits.py::test_an_address_has_a_hundred_failures_a_minute_whatever_it_says_of_itself"),
    # A15, header and log injection
    ("A15 sentences", "src/oauth/refusal.c", "if (*c < 0x20 || *c > 0x7e || *c == '\"' || *c == '\\\\')", "if (*c < 0)",
     "unit/oauth/test-oauth-refusal"),
    # live state
    ("a revoked token is dead", "src/oauth/access_token.c", "store_is_revoked(store, &call->realm.partition, REVOKED_TOKEN, token->jti) ||",
     "",
     "tests/flows/test_introspection_and_revocation.py::test_a_revoked_token_is_inactive_at_once_and_its_siblings_live"),
    ("tokens of a former life stay dead", "src/oauth/access_token.c", "person.enabled && made_ms >= person.valid_from_ms",
     "person.enabled", "tests/flows/test_introspection_and_revocation.py::test_disabling_either_party_ends_a_token_at_once_and_for_good"),
    ("only one's own tokens are revoked", "src/oauth/revoke.c",
     "if (!slice_equal(token->client_id, call->application->registered.client_id))", "if (false)",
     "tests/flows/test_introspection_and_revocation.py::test_another_applications_token_is_not_revoked"),
    # A1, redirect addresses
    ("A1 an address that is not registered", "src/oauth/authorize/authorization_request.c",
     "if (redirect_uri_registered(&call->application->registered, request->redirect_uri))", "if (request->redirect_uri.len > 0)",
     F + "test_redirect_addresses.py::test_only_a_registered_address_is_ever_redirected_to"),
    ("A1 more than the port", "src/oauth/authorize/redirect_uri.c", "slice_equal(rest, sent_rest);",
     "true;", F + "test_redirect_addresses.py::test_only_a_registered_address_is_ever_redirected_to"),
    ("A1 an address given twice", "src/oauth/authorize/authorization_request.c", "bool good = count == 1 && !field->malformed",
     "bool good = count >= 1 && !field->malformed", F + "test_authorization_request.py::test_a_wrong_client_id_or_redirect_uri_gives_a_page_that_says_so_and_never_a_redirect"),
    # A2, PKCE by omission
    ("A2 no challenge", "src/oauth/authorize/authorization_request.c", "if (call->application->registered.platform == PLATFORM_SPA)",
     "if (false)", F + "test_pkce.py::test_only_the_exact_pairs_pass"),
    ("A2 plain", "src/oauth/authorize/authorization_request.c", "if (!slice_is(request->code_challenge_method, \"S256\"))", "if (false)",
     F + "test_pkce.py::test_only_the_exact_pairs_pass"),
    ("A2 the verifier is not compared", "src/store/sqlite_codes.c", "code_challenge IS ?7, offline\"", "?7 IS ?7, offline\"", F + "test_pkce.py::test_only_the_exact_pairs_pass"),
    ("A2 a verifier of a wrong shape", "src/oauth/grants/authorization_code.c", "if (verifier.ptr == NULL || !is_verifier(verifier))",
     "if (verifier.ptr == NULL)",
     F + "test_grant_rules.py::test_a_verifier_of_a_wrong_shape_is_refused_even_where_it_fits_its_challenge"),
    ("A2 an application that became public", "src/oauth/grants/authorization_code.c",
     "if (verifier.ptr == NULL && call->application->registered.platform != PLATFORM_SPA)", "if (!(verifier.ptr != NULL))",
     F + "test_grant_rules.py::test_an_application_that_became_public_cannot_redeem_a_code_without_a_challenge"),
    # A3, single use
    ("A3 a code is used once", "src/store/sqlite_codes.c", "AND code_used_at IS NULL AND ended = 0 AND code_expires_at", "AND ended = 0 AND code_expires_at",
     "unit/store/test-codes"),
    ("A3 siblings are counted", "src/store/sqlite_refresh.c", "<= ?4) AND successors < ?5 \"", "<= ?4) AND ?5 > 0 \"", "unit/store/test-refresh"),
    ("A3 a replayed code ends the grant", "src/oauth/grants/authorization_code.c", "read.state == CODE_USED ? redeem(call, request, NULL) :",
     "read.state == CODE_USED ? unknown(call, \"used\") :",
     F + "test_authorization_code.py::test_a_replay_revokes_everything_that_came_from_the_first"),
    # A4, one kind of token taken for another
    ("A4 refresh tokens hash as their own kind", "src/oauth/refresh_token.c", ".token = hash32_of_kind(\"refresh\", token),",
     ".token = hash32_of(token),", "unit/oauth/test-oauth-refresh-token"),
    ("A4 ID tokens say what they are", "src/oauth/id_token.c", "return jws_sign(key, TOKEN_ID, claims, writer);",
     "return jws_sign(key, TOKEN_ACCESS, claims, writer);", "unit/oauth/test-oauth-id-token"),
    ("A4 on behalf of at userinfo", "src/oauth/userinfo.c", "if (!slice_is(token->actor, actor) || token->acting_client.ptr != NULL)",
     "if (!slice_is(token->actor, actor))", F + "test_userinfo.py::test_a_token_that_names_no_person_who_was_there_is_refused"),
    ("A4 an administrator's token at userinfo", "src/oauth/userinfo.c", "if (!slice_equal(token->audience, call->oauth->api_url))", "if (false)",
     F + "test_userinfo.py::test_a_token_for_the_admin_api_is_refused"),
    ("A4 a token without openid at userinfo", "src/oauth/userinfo.c", "if (!has_word(token->scope, \"openid\"))", "if (false)",
     F + "test_userinfo.py::test_without_openid_the_scope_is_insufficient"),
    ("A4 another's refresh token is introspected", "src/oauth/introspect.c", "grant_record_is_of(call, &read.grant) &&", "true &&",
     F + "test_grant_rules.py::test_a_refresh_token_is_known_to_its_own_application_alone"),
    # A5, what is taken away
    ("A5 a permission taken away", "src/oauth/scope_rules.c", "return application_has_permission(call->application, name);", "return true;",
     F + "test_refresh.py::test_a_permission_taken_away_is_missing_from_the_next_refresh"),
    ("A5 a refresh that asks for more", "src/oauth/scope_rules.c", "if (narrowed && !has_word(record->scope, name))", "if (false)",
     "unit/oauth/test-oauth-scope-rules"),
    ("A5 the role taken away", "src/oauth/scope_rules.c",
     "if (permission_is_reserved(name) && !scope_rules_person_may_administer(&call->realm, person->roles))", "if (false)",
     F + "test_grant_rules.py::test_permissions_of_the_admin_api_end_with_the_role"),
    # A11, code injection and mix-up
    ("A11 another address at the redemption", "src/store/sqlite_codes.c", "redirect_uri IS ?6, code_challenge", "?6 IS ?6, code_challenge",
     F + "test_authorization_code.py::test_a_code_with_another_redirect_address_is_used_up"),
    ("A11 another realm's code", "src/store/sqlite_grants.h", " partition = ?1 AND kind = ?2", " partition = ?1 AND ?2 <> 0",
     F + "test_authorization_code.py::test_a_code_of_another_realm_or_partition_changes_nothing"),
    ("A11 the issuer in the response", "src/oauth/authorize/authorization_response.c",
     "{ \"iss\", oauth_issuer(&interaction->call, interaction->call.realm.kind) },", "{ \"iss\", { NULL, 0 } },",
     F + "test_authorization_code.py::test_iss_is_there_and_right_in_every_realm"),
    # A12, refresh theft and the false alarm
    ("A12 a stolen token ends the family", "src/oauth/grants/refresh_token.c",
     "read.state == REFRESH_SPENT ? replayed(call, request, &used) :", "read.state == REFRESH_SPENT ? unknown(call, \"spent\") :",
     F + "test_refresh.py::test_a_token_used_after_its_successor_was_used_ends_the_family"),
    ("A12 two tabs", "src/base/limits.h", "#define LIMIT_REFRESH_GRACE_MS 10000", "#define LIMIT_REFRESH_GRACE_MS (-1)", F + "test_refresh.py::test_two_tabs_within_the_grace_both_live"),
    # A13, forged posts and framed pages
    ("A13 an attempt of another browser", "src/signin/attempt.c", "hash32_of_kind(\"attempt-browser\", browser);",
     "hash32_of_kind(\"attempt-browser\", slice_first(browser, 0));",
     F + "test_sign_in.py::test_a_sign_in_with_another_browsers_attempt_is_refused"),
    ("A13 a forged post to the own page", "src/oauth/authorize/account_actions.c", "if (!browser_anti_forgery_holds(", "if (false && !browser_anti_forgery_holds(",
     F + "test_account.py::test_a13_a_post_without_the_anti_forgery_value_of_this_session_does_nothing"),
    ("A13 framed pages", "src/signin/page.c", "base-uri 'none'; frame-ancestors 'none'", "base-uri 'none'",
     F + "test_sign_in.py::test_no_page_may_be_framed_and_none_opens_the_door_to_scripts"),
    # A14, guessing
    ("A14 passwords", "src/signin/sign_in.c", "wait_s = failure_limits_failed(sign_in->failures, attempt, clock_monotonic_ms());", "wait_s = 0;",
     F + "test_sign_in.py::test_five_wrong_passwords_are_answered_and_from_the_sixth_on_it_takes_longer_each_time"),
    # A18, fixation and mixing
    ("A18 the session is a new one", "src/signin/browser.c", "struct slice session = secret_make(request->arena);",
     "struct slice session = browser->session.ptr != NULL ? browser->session : secret_make(request->arena);",
     F + "test_sign_in.py::test_a_session_value_set_before_the_sign_in_is_replaced"),
    # two guards stand behind each other here
    ("A18 somebody else's consent", [
        ("src/oauth/authorize/steps.c", "if (attempt->sid.len > 0 && !slice_equal(attempt->sid, interaction->session.sid)) {", "if (false) {"),
        ("src/oauth/authorize/consent.c",
         "interaction->signed_in && progress->attempt.sid.len > 0 && slice_equal(progress->attempt.sid, interaction->session.sid);",
         "interaction->signed_in;"),
    ], None, None, F + "test_sign_in.py::test_a_consent_page_of_one_person_never_gives_a_code_for_another"),
    # live state
    ("an application disabled and enabled", "src/oauth/grant_record.c",
     "if (!registered->enabled || record->granted_ms < registered->valid_from_ms)", "if (!registered->enabled)",
     F + "test_authorization_code.py::test_a_disabled_applications_code_is_refused_and_stays_so"),
    ("only one's own refresh tokens are revoked", "src/oauth/revoke.c", "if (!grant_record_is_of(call, &read.grant))", "if (false)",
     F + "test_refresh.py::test_another_applications_refresh_token_is_not_revoked"),
    ("a secret in the place of the client id", "src/oauth/oauth.c", "if (call->application != NULL || id.len < LIMIT_SECRET_MIN || uuid)", "if (true)",
     F + "test_grant_rules.py::test_a_secret_in_the_place_of_the_client_id_is_not_written_down"),
    # the cache
    ("a filler never keeps what was changed meanwhile", "src/directory/cache.c", "present != NULL || generation != cache->generation",
     "present != NULL", "unit/directory/test-cache"),
]

# Bugs that each fuzzer must find: (fuzzer, file, what stands there, the bug).
PLANTED = [
    ("form", "src/http/form.c", "return result == RESULT_OK && !text_is_clean(*ret) ? RESULT_INVALID : result;", "return result;"),
    ("query", "src/http/request.c", "clean = clean && target.ptr[i] > 0x20", "clean = clean && target.ptr[i] > 0x10"),
    ("path", "src/http/router.c", "if (segment->kind == SEGMENT_ONE && path->segments[i - 1].len == 0)",
     "if (segment->kind == SEGMENT_ONE && path->segments[i - 1].len > 40)"),
    ("basic", "src/http/basic.c", "decoded.len > max || !text_is_clean(decoded)", "decoded.len > max"),
    ("scope", "src/oauth/scope_rules.c", "if (all->admin && all->other)", "if (all->admin && all->other && flow == FLOW_PERSON)"),
    ("apply", "src/directory/document_input.c", "input->next[input->next_len++] = '\\n';\n\t\treturn note_break", "input->next[input->next_len++] = ' ';\n\t\treturn note_break"),
    ("jws", "src/jose/jws.c", "if (key != NULL && !type_matches(json_object_text(header, \"typ\"), type))",
     "if (key != NULL && type_matches(json_object_text(header, \"typ\"), type) && false)"),
]
