# What oidc-agent.py does with oidc-agent, which runs: its address stands in OIDC_SOCK.

# No browser is opened and no port listened on, so that the program can play the person.
generate() {
	# docs/clients.md: from here
	oidc-gen --manual --flow=code --issuer="$ISSUER" --client-id="$CLIENT_ID" --client-secret="$CLIENT_SECRET" \
		--redirect-uri="$REDIRECT_URI" --scope="$SCOPE" --pw-file="$PASSWORD_FILE" \
		--no-url-call --no-webserver --no-scheme --prompt=none --confirm-default "$NAME"
	# docs/clients.md: to here
}

exchange() {
	# docs/clients.md: from here
	oidc-gen --codeExchange="$CALLBACK" --pw-file="$PASSWORD_FILE" "$NAME"
	# docs/clients.md: to here
}

token() {
	# docs/clients.md: from here
	oidc-token "$NAME"
	# docs/clients.md: to here
}

fresh() {
	oidc-token --time=999999 "$NAME"
}

id_token() {
	oidc-token --id-token "$NAME"
}

stored() {
	oidc-gen --pw-file="$PASSWORD_FILE" --print="$NAME"
}

delete() {
	oidc-gen --pw-file="$PASSWORD_FILE" --confirm-yes --delete "$NAME"
}
