import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Route, Routes, useNavigate, useParams } from 'react-router';

import type { Held, Schemas } from '../../api/client';
import { useApi, useMayManage, usePartition, useRead } from '../../api/hooks';
import { useCrumb } from '../../layout/Crumbs';
import { NotHere } from '../../layout/NotHere';
import { pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { DataTable, RowLink } from '../../parts/DataTable';
import type { Draft } from '../../parts/draft';
import { ObjectForm } from '../../parts/ObjectForm';
import { Page } from '../../parts/Page';
import { usePaging } from '../../parts/paging';
import { Plus } from '../../parts/Plus';
import { Remove } from '../../parts/Remove';
import { Read } from '../../parts/states';

type Provider = Schemas['IdentityProvider'];
type NewProvider = Schemas['NewIdentityProvider'];

const about = 'Others whose signed tokens are exchanged for tokens of this partition (token exchange, RFC 8693).';
const words = { registration_id: 'Registration id', issuer: 'Issuer', audience: 'Audience', jwks_url: 'Address of its keys', claim: 'Claim', matches: 'Matches' } as const;
const matches: Readonly<Record<Provider['matches'], string>> = { username: "the user's username", email: "the person's e-mail", id: "the person's id" };

export default function Providers() {
	return (
		<Routes>
			<Route index element={<ProviderList />} />
			<Route path="new" element={<NewOne />} />
			<Route path=":registration_id" element={<ProviderPage />} />
			<Route path="*" element={<NotHere />} />
		</Routes>
	);
}

function useAll(): string {
	return pathTo(usePartition(), 'integration', 'identity-providers');
}

function ProviderList() {
	const partition = usePartition();
	const paging = usePaging();
	const list = useRead('/partitions/{partition}/identity-providers', { partition }, { cursor: paging.cursor, search: paging.search }, { keep: true });
	const plus = useMayManage() ? <Plus to={pathTo(partition, 'integration', 'identity-providers', 'new')} label="New identity provider" /> : null;
	return (
		<Page title="Identity providers" about={about} actions={plus}>
			<DataTable
				label="Identity providers"
				testId="identity-providers"
				of={list}
				paging={paging}
				searchLabel="Registration id begins with"
				rowKey={(provider) => provider.registration_id}
				columns={[
					{
						label: 'Registration id',
						cell: (provider) => <RowLink to={pathTo(partition, 'integration', 'identity-providers', provider.registration_id)}>{provider.registration_id}</RowLink>,
					},
					{ label: 'Issuer', cell: (provider) => provider.issuer },
					{
						label: 'Names a person by',
						cell: (provider) => (
							<>
								<span className="mono">{provider.claim}</span>: {matches[provider.matches]}
							</>
						),
					},
				]}
				empty={{ title: 'No identity providers', text: 'With one, a client application can exchange a token that the provider signed for a token of this partition.', action: plus }}
			/>
		</Page>
	);
}

function Fields({ draft, isNew }: { draft: Draft<NewProvider>; isNew: boolean }) {
	const plain = { required: true, autoComplete: 'off', spellCheck: false } as const;
	return (
		<Block title="Identity provider">
			<SimpleGrid cols={{ base: 1, md: 2 }}>
				{isNew ? (
					<TextInput label={words.registration_id} description="What a request calls it (registration_id). It never changes." placeholder="okta" {...plain} {...draft.text('registration_id')} />
				) : (
					<TextInput label={words.registration_id} description="What a request calls it (registration_id)." value={draft.value.registration_id} readOnly data-testid="field-registration_id" />
				)}
				<TextInput label={words.issuer} description="Exactly as its tokens have it in iss." placeholder="https://login.example.com/" {...plain} {...draft.text('issuer')} />
				<TextInput label={words.audience} description="What its tokens have in aud when they are meant for this server." {...plain} {...draft.text('audience')} />
				<TextInput label={words.jwks_url} description="Where its public keys are (jwks_uri): https, or http on this machine." placeholder="https://login.example.com/keys" {...plain} {...draft.text('jwks_url')} />
				<TextInput label={words.claim} description="Which claim of its tokens names the person." placeholder="email" {...plain} {...draft.text('claim')} />
				<NativeSelect
					label={words.matches}
					description="What that claim is here. Exactly one person has to match."
					data={Object.entries(matches).map(([value, label]) => ({ value, label }))}
					value={draft.value.matches}
					onChange={(event) => draft.set('matches', event.currentTarget.value as Provider['matches'])}
					error={draft.error('/matches')}
					data-testid="field-matches"
				/>
			</SimpleGrid>
		</Block>
	);
}

function missing(value: NewProvider): Readonly<Record<string, string>> {
	const empty = (['registration_id', 'issuer', 'audience', 'jwks_url', 'claim'] as const).filter((key) => value[key].trim() === '');
	return Object.fromEntries(empty.map((key) => [`/${key}`, `${words[key]}: something has to stand here.`]));
}

function NewOne() {
	const partition = usePartition();
	const all = useAll();
	const api = useApi();
	const navigate = useNavigate();
	const [beginning] = useState<Held<NewProvider>>({ value: { registration_id: '', issuer: '', audience: '', jwks_url: '', claim: 'email', matches: 'email' }, etag: null });
	return (
		<Page title="New identity provider" about={about}>
			<ObjectForm
				held={beginning}
				words={words}
				check={missing}
				save={(value) => api.create('/partitions/{partition}/identity-providers', { partition }, value as NewProvider)}
				saved={(held) => void navigate(pathTo(partition, 'integration', 'identity-providers', held.value.registration_id))}
				verb="Create"
				cancel={() => void navigate(all)}
			>
				{(draft) => <Fields draft={draft} isNew />}
			</ObjectForm>
		</Page>
	);
}

function ProviderPage() {
	const partition = usePartition();
	const { registration_id = '' } = useParams();
	const provider = useRead('/partitions/{partition}/identity-providers/{registration_id}', { partition, registration_id });
	useCrumb(registration_id);
	return <Read of={provider}>{(held) => <There held={held} key={registration_id} />}</Read>;
}

function There({ held }: { held: Held<Provider> }) {
	const partition = usePartition();
	const all = useAll();
	const api = useApi();
	const navigate = useNavigate();
	const at = { partition, registration_id: held.value.registration_id };
	const remove = (
		<Remove
			what="identity provider"
			name={held.value.registration_id}
			act={() => api.remove('/partitions/{partition}/identity-providers/{registration_id}', at, held.etag)}
			gone={() => navigate(all)}
		>
			Its tokens are not exchanged any more. Tokens that came of an exchange before stay good until they end.
		</Remove>
	);
	return (
		<Page title={held.value.registration_id} about={about} actions={remove}>
			<ObjectForm<Provider>
				held={held}
				read={() => api.read('/partitions/{partition}/identity-providers/{registration_id}', at)}
				save={(changes, etag) => api.change('/partitions/{partition}/identity-providers/{registration_id}', at, etag, changes)}
				words={words}
				check={missing}
			>
				{(draft) => <Fields draft={draft} isNew={false} />}
			</ObjectForm>
		</Page>
	);
}
