// golang.org/x/oauth2 with github.com/coreos/go-oidc, as their documentation uses them.
// A line of JSON in, a line of JSON out: ../../README.md lists the verbs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

type fields map[string]any

type command struct {
	Verb         string `json:"verb"`
	Issuer       string `json:"issuer"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RedirectURI  string `json:"redirect_uri"`
	Scope        string `json:"scope"`
	Callback     string `json:"callback"`
}

type application struct {
	provider     *oidc.Provider
	config       oauth2.Config
	verifier     *oidc.IDTokenVerifier
	state, nonce string
	pkce         string
	token        *oauth2.Token
}

func (a *application) discover(ctx context.Context, asked command) (fields, error) {
	issuer, clientID, clientSecret, redirectURI, scope := asked.Issuer, asked.ClientID, asked.ClientSecret, asked.RedirectURI, asked.Scope
	// docs/clients.md: from here
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	config := oauth2.Config{
		ClientID:     clientID,
		ClientSecret: clientSecret, // none: ""
		Endpoint:     provider.Endpoint(),
		RedirectURL:  redirectURI,
		Scopes:       []string{scope}, // one or more, separated by spaces
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: clientID})
	// docs/clients.md: to here
	a.provider, a.config, a.verifier = provider, config, verifier
	var found struct {
		Issuer string `json:"issuer"`
	}
	if err := provider.Claims(&found); err != nil {
		return nil, err
	}
	return fields{"issuer": found.Issuer, "token_endpoint": config.Endpoint.TokenURL}, nil
}

func (a *application) begin(context.Context, command) (fields, error) {
	a.state, a.nonce, a.pkce = oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	config, state, nonce, pkce := a.config, a.state, a.nonce, a.pkce
	// docs/clients.md: from here
	address := config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(pkce))
	// docs/clients.md: to here
	return fields{"url": address}, nil
}

func (a *application) finish(ctx context.Context, asked command) (fields, error) {
	callback, err := url.Parse(asked.Callback)
	if err != nil {
		return nil, err
	}
	answer := callback.Query()
	if answer.Get("state") != a.state {
		return nil, errors.New("another state came back")
	}
	config, verifier, pkce, code := a.config, a.verifier, a.pkce, answer.Get("code")
	// docs/clients.md: from here
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(pkce))
	if err != nil {
		return nil, err
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := verifier.Verify(ctx, raw)
	// docs/clients.md: to here
	if err != nil {
		return nil, err
	}
	if idToken.Nonce != a.nonce {
		return nil, errors.New("another nonce came back")
	}
	if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
		return nil, err
	}
	claims := fields{}
	if err := idToken.Claims(&claims); err != nil {
		return nil, err
	}
	a.token = token
	return fields{"tokens": reply(token), "claims": claims}, nil
}

func reply(token *oauth2.Token) fields {
	return fields{"access_token": token.AccessToken, "refresh_token": token.RefreshToken, "id_token": token.Extra("id_token"), "scope": token.Extra("scope")}
}

func (a *application) refresh(ctx context.Context, _ command) (fields, error) {
	old := *a.token
	old.Expiry = time.Unix(1, 0)
	token, err := a.config.TokenSource(ctx, &old).Token()
	if err != nil {
		return nil, err
	}
	a.token = token
	return fields{"tokens": reply(token)}, nil
}

func (a *application) userinfo(ctx context.Context, _ command) (fields, error) {
	found, err := a.provider.UserInfo(ctx, oauth2.StaticTokenSource(a.token))
	if err != nil {
		return nil, err
	}
	claims := fields{}
	err = found.Claims(&claims)
	return fields{"claims": claims}, err
}

func refusal(err error) fields {
	answer := fields{"refused": err.Error(), "error": nil, "status": nil}
	var told *oauth2.RetrieveError
	if errors.As(err, &told) {
		answer["error"], answer["status"] = told.ErrorCode, told.Response.StatusCode
	}
	return answer
}

func main() {
	a := &application{}
	verbs := map[string]func(context.Context, command) (fields, error){
		"discover": a.discover, "begin": a.begin, "finish": a.finish, "refresh": a.refresh, "userinfo": a.userinfo,
	}
	for lines := bufio.NewReader(os.Stdin); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked command
		if err := json.Unmarshal(line, &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		answer, err := verbs[asked.Verb](context.Background(), asked)
		if err != nil {
			answer = refusal(err)
		}
		if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
			os.Exit(1)
		}
	}
}
