/** The words of `/me` in Spanish. */

/** @type {import('./en-US.js').Words} */
export const words = {
  title: 'Su PIN telefónico',
  loading: 'Un momento …',

  ask: {
    intro:
      '¿Ha olvidado su PIN o prefiere otro? Le enviamos un enlace a su correo electrónico. Con él elige un PIN nuevo.',
    identity: 'Correo electrónico o extensión',
    send: 'Enviar el enlace',
    sending: 'Enviando …',
    done: 'Si existe esa cuenta y tiene correo electrónico, el enlace está en camino.',
    next: 'Ábralo en este navegador en los próximos 15 minutos. ¿No ha llegado? Mire en el correo no deseado y revise lo que ha escrito. Si no, su servicio de asistencia puede ayudarle.',
    again: 'Pedir otro enlace',
  },

  greeting: (name) => `Hola, ${name}`,
  extension: 'Extensión',
  statusTitle: 'Situación actual',
  pin: 'PIN',
  pinNone: 'No hay',
  pinDue: 'Hay uno, pero debe cambiarse',
  pinSet: (time) => `Puesto el ${time}`,
  sinceUnknown: 'nunca',
  expires: 'Caduca',
  lock: 'Acceso por teléfono',
  notLocked: 'Abierto',
  locked: (why, until) => `Bloqueado ${why}${until === null ? '' : `, hasta el ${until}`}`,
  lockReasons: {
    administrator: 'por el administrador',
    failures: 'tras intentos fallidos',
    'failure-cap': 'tras demasiados intentos fallidos',
    inactivity: 'porque no se ha usado en mucho tiempo',
  },
  liftsLock: 'Un PIN nuevo lo desbloquea.',
  keepsLock: 'Un PIN nuevo no lo desbloquea: solo puede hacerlo su servicio de asistencia.',
  failed: 'Intentos fallidos',
  lastSignIn: 'Último acceso',

  chooseTitle: 'Elija un PIN nuevo',
  rulesTitle: 'Un PIN',
  rules: {
    length: (least) => `tiene al menos ${least} cifras y como mucho 24`,
    personal: 'no es su extensión, su número de teléfono ni su nombre en el teclado',
    patterns:
      'no es fácil de adivinar: ni series como 123456, ni repeticiones, ni fechas, ni líneas en el teclado',
    history: (count) => (count === 1 ? 'no es el que ya tiene' : `no es ninguno de sus últimos ${count}`),
    lifetime: (days) => `debe cambiarse a los ${days} ${days === 1 ? 'día' : 'días'}`,
  },
  newPin: 'PIN nuevo',
  again: 'PIN nuevo otra vez',
  show: 'Mostrar lo que escribo',
  accepted: 'Este PIN se puede usar.',
  refused: 'Este PIN',
  set: 'Poner este PIN',
  setting: 'Guardando …',
  generateHint: 'O bien inventamos un PIN y se lo mostramos una sola vez.',
  generate: 'Inventar un PIN para mí',
  until: (time) => `Este enlace sirve hasta las ${time}.`,

  done: {
    title: 'Su PIN nuevo está puesto',
    text: 'Vale desde ahora, y el anterior ya no. También se lo decimos por correo.',
    locked: 'Su acceso por teléfono sigue bloqueado. Su servicio de asistencia puede desbloquearlo.',
    once: 'Memorícelo ahora: no se puede mostrar otra vez.',
    copy: 'Copiar el PIN',
    copied: 'Copiado',
    notCopied: 'Selecciónelo y cópielo a mano',
    hide: 'Ocultarlo',
    hidden: 'El PIN está oculto. No se puede mostrar otra vez.',
    hides: (seconds) => `Se oculta en ${seconds} ${seconds === 1 ? 'segundo' : 'segundos'}.`,
    call: (number) => `Para acceder, llame al ${number}.`,
    close: 'Puede cerrar esta página.',
  },
  help: (contact) => `Su servicio de asistencia: ${contact}`,

  dead: 'Este enlace no sirve',
  problems: {
    link_spent:
      'Este enlace ya se usó, tiene más de 15 minutos o su PIN ha cambiado entretanto. No se ha cambiado nada. Pida un enlace nuevo.',
    link_elsewhere:
      'Este enlace se pidió en otro navegador y solo sirve allí. No se ha cambiado nada. Ábralo allí o pida uno nuevo aquí.',
    pins_differ: 'Ha escrito dos PIN distintos. Escriba dos veces el mismo.',
    too_many_links:
      'Se han pedido muchos enlaces desde aquí. Espere una hora o consulte a su servicio de asistencia.',
    busy: 'Hay mucho trabajo en este momento. No se ha cambiado nada. Inténtelo de nuevo en unos segundos.',
    unreachable: 'No hay respuesta. Compruebe su conexión e inténtelo de nuevo.',
    csrf_token_missing:
      'Su navegador no guarda la cookie de esta página. Permita las cookies, recargue la página e inténtelo de nuevo.',
    other: 'No ha funcionado. Recargue la página e inténtelo de nuevo.',
  },

  refusals: {
    not_digits: 'tiene algo que no son cifras del 0 al 9.',
    too_short: 'tiene pocas cifras.',
    too_long: 'tiene más de 24 cifras.',
    repeated_digit: 'es una sola cifra repetida.',
    sequence: 'cuenta hacia arriba o hacia abajo.',
    repeated_group: 'repite un grupo de cifras.',
    two_digits_only: 'solo tiene dos cifras distintas.',
    keypad_line: 'es una línea en el teclado.',
    palindrome: 'se lee igual al revés.',
    date_like: 'parece una fecha.',
    contains_extension: 'contiene su extensión.',
    ends_phone_number: 'es el final de su número de teléfono.',
    spells_name: 'es su nombre en el teclado.',
    too_common: 'lo elige mucha gente.',
    recently_used: 'ya fue suyo.',
    too_similar: 'se parece demasiado al que tiene.',
    changed_too_recently: 'no puede cambiarse de nuevo tan pronto.',
  },
};
