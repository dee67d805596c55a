import { Route, Routes } from 'react-router';

import { NotHere } from '../../layout/NotHere';
import { ApiList } from './ApiList';
import { ApiPage } from './ApiPage';
import { NewApi } from './NewApi';

export default function Apis() {
	return (
		<Routes>
			<Route index element={<ApiList />} />
			<Route path="new" element={<NewApi />} />
			<Route path=":name/:tab?" element={<ApiPage />} />
			<Route path="*" element={<NotHere />} />
		</Routes>
	);
}
