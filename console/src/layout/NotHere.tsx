import { Anchor, Text } from '@mantine/core';
import { Link, useRouteError } from 'react-router';

import { useMe } from '../api/hooks';
import { Page } from '../parts/Page';
import { Failed } from '../parts/states';
import { pathTo } from './sections';

/** An address that leads nowhere, or nowhere that this person may go: both look the same. */
export function NotHere({ partition }: { partition?: string }) {
	const me = useMe();
	return (
		<Page title="Not here">
			<Text>
				{partition === undefined ? 'There is no such page.' : `There is no partition ${partition} that you may administer.`}{' '}
				<Anchor component={Link} to={pathTo(me.partition, 'overview')}>
					Go to {me.partition}
				</Anchor>
			</Text>
		</Page>
	);
}

/** A screen that fell over: it says so, and the rest of the console goes on. */
export function FellOver() {
	const error = useRouteError();
	return (
		<Page title="This screen does not work">
			<Failed error={error} title="Something went wrong" retry={() => location.reload()} />
		</Page>
	);
}
