import { useState } from 'preact/hooks'
import { addAdministrator, type Administrator, changeOwnPassword } from '../../../../client/src/index.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Form, SelectField, TextField } from '../../parts/form.tsx'
import { t as common } from '../../parts/texts.ts'
import { toast } from '../../parts/toast.tsx'
import { ask } from '../../session.ts'
import { t } from './texts.ts'

const ROLES: readonly Administrator['role'][] = ['helpdesk', 'admin', 'validate']

export function AddAdministrator({ onClose, onAdded }: { readonly onClose: () => void; readonly onAdded: () => void }) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState('helpdesk')
  const labels = t()
  return (
    <Dialog title={labels.add} onClose={onClose}>
      <Form
        submit={labels.create}
        cancel={common().cancel}
        onCancel={onClose}
        onSubmit={() => ask((nod) => addAdministrator(nod, { login: login.trim(), password, role }))}
        onDone={() => {
          toast(labels.created(login.trim()))
          onAdded()
          onClose()
        }}
      >
        <TextField name="login" label={labels.login} required autoFocus value={login} onChange={setLogin} />
        <TextField
          name="password"
          type="password"
          complete="new-password"
          label={labels.password}
          hint={labels.passwordHint}
          required
          value={password}
          onChange={setPassword}
        />
        <SelectField
          name="role"
          label={labels.role}
          options={ROLES.map((one) => [one, labels.roleMeanings[one]] as const)}
          value={role}
          onChange={setRole}
        />
      </Form>
    </Dialog>
  )
}

export function ChangePassword({ onClose }: { readonly onClose: () => void }) {
  const [password, setPassword] = useState('')
  const [newPassword, setNewPassword] = useState('')
  const labels = t()
  return (
    <Dialog title={labels.ownPassword} onClose={onClose}>
      <Form
        submit={labels.change}
        cancel={common().cancel}
        onCancel={onClose}
        onSubmit={() => ask((nod) => changeOwnPassword(nod, { password, newPassword }))}
        onDone={() => {
          toast(labels.changed)
          onClose()
        }}
      >
        <TextField
          name="password"
          type="password"
          complete="current-password"
          label={labels.oldPassword}
          required
          autoFocus
          value={password}
          onChange={setPassword}
        />
        <TextField
          name="new_password"
          type="password"
          complete="new-password"
          label={labels.newPassword}
          hint={labels.passwordHint}
          required
          value={newPassword}
          onChange={setNewPassword}
        />
      </Form>
    </Dialog>
  )
}
