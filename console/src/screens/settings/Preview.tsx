// How a partition's sign-in page looks, in light and in dark. The shades are made as src/signin/page_brand.c makes them.
import { Group, Text } from '@mantine/core';
import { useState } from 'react';

import { groundsOf, type Ground } from './brand';

interface PreviewProps {
	name: string;
	color: string | null;
	logo: string | null;
}

export function Preview({ name, color, logo }: PreviewProps) {
	return (
		<figure style={{ margin: 0 }} data-testid="branding-preview">
			<Text component="figcaption" size="sm" fw={600} mb={4}>
				Preview
			</Text>
			<Group gap="sm" align="stretch">
				{groundsOf(color).map((ground) => (
					<Card key={ground.label} ground={ground} name={name} logo={logo} />
				))}
			</Group>
		</figure>
	);
}

/** A picture of a page: nothing in it can be used. */
function Card({ ground, name, logo }: { ground: Ground; name: string; logo: string | null }) {
	const seal = { display: 'grid', placeItems: 'center', width: '2rem', height: '2rem', borderRadius: '50%', background: ground.accent, color: ground.onAccent, fontWeight: 650, flex: 'none' };
	return (
		<div
			role="img"
			aria-label={`${ground.label}: ${name}`}
			style={{ flex: '1 1 11rem', maxWidth: '16rem', padding: '1rem', background: ground.behind, borderTop: `.25rem solid ${ground.accent}`, borderRadius: '.5rem', color: ground.ink, fontSize: '.8rem' }}
		>
			<div style={{ display: 'flex', alignItems: 'center', gap: '.5rem', marginBottom: '.75rem', minHeight: '2rem' }}>
				{logo === null ? <span style={seal}>{name.charAt(0).toUpperCase()}</span> : <Logo url={logo} key={logo} />}
				<span style={{ fontWeight: 650 }}>{name}</span>
			</div>
			<div style={{ background: ground.card, borderRadius: '.75rem', padding: '.75rem' }}>
				<div style={{ fontSize: '1rem', fontWeight: 680 }}>Sign in</div>
				<div style={{ height: '1.6rem', border: `1px solid ${ground.edge}`, borderRadius: '.4rem', marginBlock: '.6rem' }} />
				<div style={{ background: ground.accent, color: ground.onAccent, borderRadius: '.4rem', padding: '.35rem', textAlign: 'center', fontWeight: 600 }}>Sign in</div>
				<div style={{ color: ground.accentInk, marginTop: '.6rem', textDecoration: 'underline' }}>A link</div>
			</div>
		</div>
	);
}

function Logo({ url }: { url: string }) {
	const [broken, setBroken] = useState(!/^https:\/\/[^\s]+$/i.test(url) && !url.startsWith('data:image/'));
	if (broken) return <span>This logo cannot be shown</span>;
	return <img src={url} alt="" referrerPolicy="no-referrer" onError={() => setBroken(true)} style={{ maxHeight: '2rem', maxWidth: '6rem' }} />;
}
