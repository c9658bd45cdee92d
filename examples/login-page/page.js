// Shows one step of the login after the other. What comes next is said by login-page.ts; nothing here lets anybody in.

/** @typedef {{ step: 'form' | 'phone' | 'in', error?: string, message?: string, option?: string, entersCode?: boolean, user?: string }} Step */

/** @param {string} selector @returns {HTMLElement} */
const find = (selector) => {
  const found = document.querySelector(selector)
  if (!(found instanceof HTMLElement)) throw new Error(`no ${selector}`)
  return found
}

/** @param {string} path @param {object} [fields] @returns {Promise<Step>} */
async function ask(path, fields = {}) {
  try {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(fields) })
    if (response.ok) return await response.json()
  } catch {
    // No connection: said below.
  }
  return { step: 'form', error: 'This page gets no answer. Please try again.' }
}

/** Shows a step, and moves the focus to where one goes on. @param {Step} step */
function show({ step, error = '', message = '', option = '', entersCode = false, user = '' }) {
  const isNew = find(`#${step}`).hidden || error !== ''
  for (const section of document.querySelectorAll('section')) section.hidden = section.id !== step
  document.title = find(`#${step} h1`).textContent ?? ''
  find('#form .error').textContent = step === 'form' ? error : ''
  find('#phone .error').textContent = step === 'phone' ? error : ''
  find('#phone .message').textContent = message
  find('#phone .option').textContent = option
  find('#phone form').hidden = !entersCode
  find('#phone .waiting').textContent = step === 'phone' && !entersCode ? 'Waiting for your phone' : ''
  find('#in .message').textContent = `You are logged in as ${user}.`
  if (!isNew) return
  if (entersCode) find('#code').focus()
  else if (error !== '') find('#pin').focus()
  else find(`#${step} h1`).focus()
}

/** The login of this page: an answer about one before comes too late. */
let current = Symbol('login')

/** Shows a step and, while the phone is asked, each one that follows. @param {Promise<Step>} step */
async function follow(step) {
  const login = Symbol('login')
  current = login
  const isCurrent = () => login === current
  for (let next = await step; isCurrent(); next = await ask('status')) {
    show(next)
    if (next.step !== 'phone') return
  }
}

/** @param {string} selector @param {string} path */
function send(selector, path) {
  find(selector).addEventListener('submit', (event) => {
    event.preventDefault()
    const form = event.currentTarget
    const button = find(`${selector} button`)
    if (!(form instanceof HTMLFormElement) || button.ariaBusy === 'true') return
    button.ariaBusy = 'true'
    const step = ask(path, Object.fromEntries(new FormData(form)))
    void step.then(() => {
      button.ariaBusy = null
      for (const input of form.querySelectorAll('input')) if (input.name !== 'user') input.value = ''
    })
    void follow(step)
  })
}

send('#form form', 'login')
send('#phone form', 'code')
for (const id of ['#stop', '#out']) find(id).addEventListener('click', () => void follow(ask('stop')))

// A reload goes on where the login was.
void follow(ask('state'))
