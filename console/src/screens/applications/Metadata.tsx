// The guide's Metadata button: every address for each persona, and what a program of this application sends there.
import { Alert, Anchor, Modal, Paper, SimpleGrid, Stack, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Schemas } from '../../api/client';
import { usePartition, useRead } from '../../api/hooks';
import { Code, CopyField } from '../../parts/CopyField';
import { Read } from '../../parts/states';
import { callSaid, pkceMake, recipesOf, type Persona, type Pkce, type Recipe } from './curl';
import { flowWords, type Application } from './words';

type MetadataOf = Schemas['ApplicationMetadata'];

const personas: readonly { key: Persona; label: string; about: string }[] = [
	{ key: 'user', label: 'User', about: 'An agent or user acting on their own behalf.' },
	{ key: 'customer', label: 'Customer', about: 'An end-user of your services who logs in.' },
	{ key: 'client', label: 'Client App', about: 'The application itself, acting on its own behalf or on behalf of a User or Customer.' },
];

export function Metadata({ application, opened, close }: { application: Application; opened: boolean; close: () => void }) {
	return (
		<Modal opened={opened} onClose={close} title="Metadata" size="72rem">
			{opened && <Inside application={application} />}
		</Modal>
	);
}

function Inside({ application }: { application: Application }) {
	const partition = usePartition();
	const metadata = useRead('/partitions/{partition}/client-applications/{client_id}/metadata', { partition, client_id: application.client_id });
	const pkce = useQuery({ queryKey: ['pkce', application.client_id], queryFn: pkceMake, staleTime: Infinity, gcTime: 0 });
	return (
		<Read of={metadata}>
			{({ value }) => (
				<Stack gap="lg" data-testid="metadata-sheet">
					<Addresses metadata={value} />
					{pkce.data !== undefined && <Flows metadata={value} application={application} pkce={pkce.data} />}
				</Stack>
			)}
		</Read>
	);
}

function Addresses({ metadata }: { metadata: MetadataOf }) {
	const { authorization_url, token_url, discovery_url } = metadata;
	return (
		<Paper withBorder p="md" component="section" aria-label="URLs">
			<SimpleGrid cols={{ base: 1, md: 2 }} verticalSpacing="sm">
				<CopyField label="Client ID" value={metadata.client_id} testId="metadata-client-id" />
				<CopyField label="Domain URL" hint="Where the APIs are called." value={metadata.domain_url} testId="domain-url" />
				<CopyField label="Authorization URL: User" value={authorization_url.user} testId="authorization-url-user" />
				<CopyField label="Token URL: User" value={token_url.user} testId="token-url-user" />
				<CopyField label="Authorization URL: Customer" value={authorization_url.customer} testId="authorization-url-customer" />
				<CopyField label="Token URL: Customer" value={token_url.customer} testId="token-url-customer" />
				<CopyField label="Token URL: Client App" value={token_url.client} testId="token-url-client" />
				<CopyField label="Meta URL" hint="These addresses as JSON, without signing in." value={metadata.metadata_url} testId="meta-url" />
				<CopyField label="OpenID configuration: User" value={discovery_url.user} testId="discovery-url-user" />
				<CopyField label="OpenID configuration: Customer" value={discovery_url.customer} testId="discovery-url-customer" />
				{metadata.permission_prefix !== '' && <CopyField label="Permission prefix" hint="May stand in front of a permission in a request." value={metadata.permission_prefix} testId="permission-prefix" />}
			</SimpleGrid>
		</Paper>
	);
}

function Flows({ metadata, application, pkce }: { metadata: MetadataOf; application: Application; pkce: Pkce }) {
	const [state] = useState(() => crypto.randomUUID());
	const [persona, setPersona] = useState<Persona>(application.platform === 'spa' ? 'user' : 'client');
	const given = { metadata, platform: application.platform, redirectUrl: application.redirect_urls[0], refreshTokens: application.refresh_tokens === true, pkce, state };
	return (
		<Stack gap="sm" component="section" aria-label="Flows">
			<Title order={2} size="h4">
				Flows of this application
			</Title>
			<Tabs value={persona} onChange={(value) => setPersona((value ?? 'user') as Persona)} keepMounted={false}>
				<Tabs.List>
					{personas.map(({ key, label }) => (
						<Tabs.Tab key={key} value={key} data-testid={`persona-${key}`}>
							{label}
						</Tabs.Tab>
					))}
				</Tabs.List>
				{personas.map(({ key, about }) => (
					<Tabs.Panel key={key} value={key} pt="md">
						<Stack>
							<Text size="sm" c="dimmed">
								{about}
							</Text>
							{recipesOf(given, key).map((recipe) => (
								<FlowLines key={recipe.flow} recipe={recipe} spa={application.platform === 'spa'} redirectUrl={given.redirectUrl} />
							))}
							<Text size="sm">With the access token, call the APIs at the Domain URL:</Text>
							<Code label="call of an API">{callSaid(metadata.domain_url)}</Code>
						</Stack>
					</Tabs.Panel>
				))}
			</Tabs>
		</Stack>
	);
}

const variableWords: Readonly<Record<string, string>> = {
	CLIENT_SECRET: 'the Client Secret',
	CODE: 'the code from the redirect URL',
	REFRESH_TOKEN: 'the refresh token of an earlier reply (scope offline_access)',
	SUBJECT_TOKEN: 'the token of the identity provider',
	REGISTRATION_ID: 'the registration id of the identity provider',
	SUBJECT_USERNAME: 'the username of the user',
	SUBJECT_EMAIL: 'the e-mail address of the customer',
};

function FlowLines({ recipe, spa, redirectUrl }: { recipe: Recipe; spa: boolean; redirectUrl: string | undefined }) {
	const name = recipe.flow === 'authorization_code' && spa ? 'Authorization Code with PKCE' : flowWords[recipe.flow];
	const noScope = recipe.steps.some(({ text }) => text.includes("'scope='"));
	return (
		<Paper withBorder p="md" component="section" aria-label={name} data-testid={`flow-${recipe.flow}`}>
			<Stack gap="sm">
				<Title order={3} size="h5">
					{name}
				</Title>
				{!recipe.allowed && (
					<Text size="sm" c="dimmed">
						Not for this application: {recipe.why}
					</Text>
				)}
				{recipe.allowed && recipe.flow === 'authorization_code' && redirectUrl === undefined && <Alert color="yellow" variant="light">No redirect URL is registered yet: without one nobody can be sent back.</Alert>}
				{recipe.allowed && noScope && <Alert color="yellow" variant="light">No permission that this flow carries is assigned yet: see the tab Permissions.</Alert>}
				{recipe.steps.map((step, index) => (
					<div key={step.label}>
						<Text size="sm" fw={500} mb={4}>
							{recipe.steps.length > 1 && recipe.flow === 'authorization_code' ? `${index + 1}. ` : ''}
							{step.label}
						</Text>
						{step.kind === 'address' ? (
							<>
								<Code label={`${name}: ${step.label}`} wrap testId={`${recipe.flow}-${index}`}>
									{step.text}
								</Code>
								<Anchor href={step.text} target="_blank" rel="noreferrer" size="sm">
									Open it
								</Anchor>
							</>
						) : (
							<Code label={`${name}: ${step.label}`} testId={`${recipe.flow}-${index}`}>
								{step.text}
							</Code>
						)}
					</div>
				))}
				{recipe.variables.length > 0 && (
					<Text size="xs" c="dimmed">
						{recipe.variables.map((variable, index) => (
							<span key={variable}>
								{index > 0 && '; '}
								<code>${variable}</code>: {variableWords[variable] ?? variable}
							</span>
						))}
						.
					</Text>
				)}
			</Stack>
		</Paper>
	);
}
