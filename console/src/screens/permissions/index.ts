export { NewPermission } from './NewPermission';
export { PermissionList } from './PermissionList';
export { PermissionPage } from './PermissionPage';
