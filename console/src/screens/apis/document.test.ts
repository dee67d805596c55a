import { expect, test } from 'vitest';

import { actorGuessed, placeholdersIn, schemesIn } from './document';

const yaml = `openapi: 3.0.0
servers:
  - url: https://\${API_DOMAIN}/knowledge
    description: "\${WORDS}"
paths:
  /a:
    get:
      security:
        - oAuthUser: [ '\${SCOPE_PREFIX}knowledge.read' ]
components:
  # securitySchemes: not this one
  securitySchemes:
    oAuthUser:
      type: oauth2
      flows:
        password: {}

    # a comment
    'oAuth Client': {type: http}
    "oAuthCustomer":
      type: oauth2
  parameters:
    p: {}
`;

test('placeholders are found once each, and those of a server address are told apart', () => {
	expect(placeholdersIn(yaml)).toEqual([
		{ name: 'API_DOMAIN', inServer: true },
		{ name: 'WORDS', inServer: false },
		{ name: 'SCOPE_PREFIX', inServer: false },
	]);
	expect(placeholdersIn('{"servers":[{"url":"https://${HOST}/a","description":"${WORDS}"}],"tokenUrl":"${TOKEN}"}')).toEqual([
		{ name: 'HOST', inServer: true },
		{ name: 'WORDS', inServer: false },
		{ name: 'TOKEN', inServer: false },
	]);
});

test('security schemes are found in YAML, and nothing beside them', () => {
	expect(schemesIn(yaml)).toEqual(['oAuthUser', 'oAuth Client', 'oAuthCustomer']);
	expect(schemesIn('openapi: 3.0.0\n')).toEqual([]);
	expect(schemesIn(yaml.replace(/\n/g, '\r\n'))).toEqual(['oAuthUser', 'oAuth Client', 'oAuthCustomer']);
});

test('security schemes are found in JSON', () => {
	expect(schemesIn('{"components": {"securitySchemes": {"a": {}, "b": {}}}}')).toEqual(['a', 'b']);
	expect(schemesIn('{"components": {}}')).toEqual([]);
	expect(schemesIn('{broken')).toEqual([]);
});

test('the names of schemes tell whom they stand for', () => {
	const guessed = ['oAuthUser', 'oAuthOnBehalfOfUser', 'oAuthCustomer', 'oAuthOnBehalfOfCustomer', 'oAuthAnonymousCustomer', 'oAuthClient', 'bearerAuth'].map(actorGuessed);
	expect(guessed).toEqual(['user', 'user_on_behalf_of', 'customer', 'customer_on_behalf_of', 'anonymous_customer', 'client', null]);
});
