// Where one is: Partition › Integration › Client Application › the object's name, which its screen says (useCrumb).
import { Anchor, Breadcrumbs, Text } from '@mantine/core';
import { createContext, useContext, useEffect } from 'react';
import { Link, useLocation, useParams } from 'react-router';

import { namesIn, pathTo, sections } from './sections';

interface Named {
	readonly path: string;
	readonly name: string;
}
export const CrumbContext = createContext<(named: Named) => void>(() => undefined);

/** Names the object of this address in the breadcrumbs; until then its key stands there. */
export function useCrumb(name: string | undefined): void {
	const say = useContext(CrumbContext);
	const { pathname } = useLocation();
	useEffect(() => {
		if (name !== undefined) say({ path: pathname, name });
	}, [name, pathname, say]);
}

interface Crumb {
	readonly label: string;
	readonly to: string;
}

/** Section, page and object: how deep the breadcrumbs go. */
const DEEP = 4;

function sameObject(one: string, other: string): boolean {
	const [mine, theirs] = [namesIn(one), namesIn(other)];
	return Array.from({ length: DEEP }, (_, index) => mine[index] === theirs[index]).every(Boolean);
}

function crumbsOf(partition: string, pathname: string, named: Named | null): Crumb[] {
	const [, room, place, key] = namesIn(pathname);
	const crumbs: Crumb[] = [{ label: 'Partition', to: pathTo(partition, 'overview') }];
	const section = sections.find((candidate) => candidate.key === room);
	if (section === undefined) return room === 'settings' ? [...crumbs, { label: 'Partition settings', to: pathname }] : crumbs;
	crumbs.push({ label: section.label, to: pathTo(partition, section.key) });
	const page = section.pages.find((candidate) => place === candidate.key || (place !== undefined && place === candidate.form));
	if (page === undefined) return crumbs;
	crumbs.push({ label: page.label, to: pathTo(partition, section.key, page.key) });
	if (place === page.form) return [...crumbs, { label: 'New', to: pathname }];
	if (key === undefined) return crumbs;
	return [...crumbs, { label: named !== null && sameObject(named.path, pathname) ? named.name : key, to: pathTo(partition, section.key, page.key, key) }];
}

export function Crumbs({ named }: { named: Named | null }) {
	const { partition } = useParams();
	const { pathname } = useLocation();
	if (partition === undefined) return null;
	const crumbs = crumbsOf(partition, pathname, named);
	return (
		<nav aria-label="Breadcrumb">
			<Breadcrumbs separatorMargin={6} style={{ flexWrap: 'wrap', rowGap: 2 }} data-testid="crumbs">
				{crumbs.map((crumb, index) =>
					index === crumbs.length - 1 ? (
						<Text size="sm" key={crumb.to} aria-current="page">
							{crumb.label}
						</Text>
					) : (
						<Anchor component={Link} to={crumb.to} size="sm" key={crumb.to} underline="hover">
							{crumb.label}
						</Anchor>
					),
				)}
			</Breadcrumbs>
		</nav>
	);
}

export type { Named };
