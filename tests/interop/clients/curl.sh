# What curl.py does with curl: OAuth 2.0 in four commands.

exchange() {
	# docs/clients.md: from here
	curl --silent --fail-with-body --user "$CLIENT_ID:$CLIENT_SECRET" "$ISSUER/oauth2/token" \
		--data grant_type=authorization_code --data-urlencode "code=$CODE" --data-urlencode "redirect_uri=$REDIRECT_URI"
	# docs/clients.md: to here
}

refresh() {
	# docs/clients.md: from here
	curl --silent --fail-with-body --user "$CLIENT_ID:$CLIENT_SECRET" "$ISSUER/oauth2/token" \
		--data grant_type=refresh_token --data-urlencode "refresh_token=$REFRESH_TOKEN"
	# docs/clients.md: to here
}

userinfo() {
	# docs/clients.md: from here
	curl --silent --fail-with-body --oauth2-bearer "$ACCESS_TOKEN" "$ISSUER/oauth2/userinfo"
	# docs/clients.md: to here
}

revoke() {
	# docs/clients.md: from here
	curl --silent --fail-with-body --user "$CLIENT_ID:$CLIENT_SECRET" "$ISSUER/oauth2/revoke" --data-urlencode "token=$REFRESH_TOKEN"
	# docs/clients.md: to here
}
