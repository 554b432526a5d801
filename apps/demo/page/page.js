/**
 * @typedef {import('../src/page-state.ts').PageState} PageState
 * @typedef {import('../src/page-state.ts').ProgramView} ProgramView
 */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })

/**
 * The one element that a selector names.
 * @param {ParentNode} parent
 * @param {string} selector
 */
function find(parent, selector) {
  const element = parent.querySelector(selector)
  if (!(element instanceof HTMLElement)) throw new Error(`the page has no ${selector}`)
  return element
}

/**
 * Leaves what does not change alone, for screen readers, selections and the browser's own sake.
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * Makes the row of a program, once; gives the function that shows its state from then on.
 * @param {string} name
 */
function createRow(name) {
  const template = document.querySelector('template')?.content.firstElementChild?.cloneNode(true)
  if (!(template instanceof HTMLElement)) throw new Error('the page has no template')
  const row = template
  row.dataset.program = name
  write(find(row, 'h2'), name)
  find(document, '#programs').append(row)

  const button = find(row, 'button')
  button.addEventListener('click', () => {
    if (button.ariaDisabled === 'true') return
    const action = row.dataset.state === 'stopped' ? 'start' : 'stop'
    // What comes of it is seen in the next state; a demo that is gone, by the end of the events.
    fetch(`/programs/${name}/${action}`, { method: 'POST' }).catch(() => {})
  })

  /** @param {ProgramView} program */
  return ({ state, mishap, pid, share, perSecond, answered, queue }) => {
    const before = row.dataset.state
    if (before !== undefined && before !== state)
      write(find(document, '#news'), `${name}: ${state}`)
    row.dataset.state = state

    write(find(row, '.state'), mishap === null ? state : `${state} (${mishap})`)
    write(find(row, '.share'), percent.format(share))
    find(row, '.bar > div').style.setProperty('--share', String(share))
    write(find(row, '.pid'), pid === null ? '–' : String(pid))
    write(find(row, '.per-second'), whole.format(perSecond))
    write(find(row, '.answered'), whole.format(answered))
    write(find(row, '.queue'), queue === null ? '–' : `${queue.length} of ${queue.limit}`)

    const label = state === 'stopped' || state === 'starting' ? 'Start' : 'Stop'
    write(button, label)
    button.ariaLabel = `${label} ${name}`
    // A button that is really disabled would drop the keyboard's focus.
    button.ariaDisabled = String(state === 'starting' || state === 'stopping')
  }
}

/** @type {Map<string, ReturnType<typeof createRow>>} */
const rows = new Map()

/** @param {PageState} state */
function show(state) {
  document.title = `Port ${state.port}: one port, three programs`
  write(find(document, '#sentence'), state.sentence)
  for (const program of state.programs) {
    const row = rows.get(program.name) ?? createRow(program.name)
    rows.set(program.name, row)
    row(program)
  }
  write(find(document, '#per-second'), whole.format(state.perSecond))
  write(find(document, '#answered'), whole.format(state.answered))
  write(find(document, '#failed'), whole.format(state.failed))
  find(document, '#failures').classList.toggle('some', state.failed > 0)
  write(find(document, '#last-failure'), state.lastFailure ? `last: ${state.lastFailure}` : '')
}

/** @param {boolean} gone whether the demo can no longer be heard */
function showGone(gone) {
  document.body.classList.toggle('gone', gone)
  find(document, '#programs').inert = gone
  const text = 'The demo has ended: these are its last figures. Start it again with “npm start”.'
  write(find(document, '#gone'), gone ? text : '')
}

const events = new EventSource('/events') // It connects again by itself.
events.addEventListener('open', () => showGone(false))
events.addEventListener('error', () => showGone(true))
events.addEventListener('message', ({ data }) => show(JSON.parse(data)))
