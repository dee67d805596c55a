import { AppShell, Box, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useState } from 'react';
import { Outlet, ScrollRestoration, useParams } from 'react-router';

import { useMe } from '../api/hooks';
import { Loading } from '../parts/states';
import { CrumbContext, Crumbs, type Named } from './Crumbs';
import { Header } from './Header';
import { Navigation } from './Navigation';
import { NotHere } from './NotHere';

/** Around every screen. */
export function Shell() {
	const { partition } = useParams();
	const me = useMe();
	const [opened, { toggle, close }] = useDisclosure(false);
	const [named, setNamed] = useState<Named | null>(null);
	const foreign = partition !== undefined && !me.system && partition !== me.partition;
	const inPartition = partition !== undefined && !foreign;
	return (
		<AppShell header={{ height: 60 }} {...(inPartition ? { navbar: { width: 248, breakpoint: 'sm', collapsed: { mobile: !opened } } } : {})} padding={{ base: 'sm', sm: 'lg' }}>
			<a
				className="skip"
				href="#main"
				onClick={(event) => {
					event.preventDefault(); // an entry of the history that the router did not make would end what stands in it
					document.getElementById('main')?.focus();
				}}
			>
				To the content
			</a>
			<AppShell.Header>
				<Header opened={opened} toggle={toggle} />
			</AppShell.Header>
			{inPartition && (
				<AppShell.Navbar aria-label="Partition">
					<Navigation went={close} />
				</AppShell.Navbar>
			)}
			<AppShell.Main id="main" tabIndex={-1} style={{ outline: 'none' }}>
				<Box maw="82rem" mx="auto">
					<CrumbContext.Provider value={setNamed}>
						<Stack gap="md">
							{inPartition && <Crumbs named={named} />}
							{foreign ? <NotHere partition={partition} /> : (
								<Suspense fallback={<Loading />}>
									<Outlet />
								</Suspense>
							)}
						</Stack>
					</CrumbContext.Provider>
				</Box>
			</AppShell.Main>
			<ScrollRestoration />
		</AppShell>
	);
}
