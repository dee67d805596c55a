import { Route, Routes } from 'react-router';

import { NotHere } from '../../layout/NotHere';
import { NewPermission } from './NewPermission';
import { PermissionList } from './PermissionList';
import { PermissionPage } from './PermissionPage';

export default function Permissions() {
	return (
		<Routes>
			<Route index element={<PermissionList />} />
			<Route path="new" element={<NewPermission />} />
			<Route path=":name/:tab?" element={<PermissionPage />} />
			<Route path="*" element={<NotHere />} />
		</Routes>
	);
}
