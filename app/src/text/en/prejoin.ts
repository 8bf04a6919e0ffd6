export const prejoin = {
  'prejoin.preview': 'Your camera and microphone',
  'prejoin.you': 'You',
  'prejoin.name': 'Your name',
  'prejoin.nameMissing': 'Tell the others who you are.',
  'prejoin.message': 'Message to the host (optional)',
  'prejoin.join': 'Join',
  'prejoin.ask': 'Ask to join',
  'prejoin.knockHint': 'A host lets you in.',
  'prejoin.mediaOptional': 'Camera and microphone are not needed here, but you may turn them on.',

  'prejoin.muteMicrophone': 'Turn microphone off',
  'prejoin.unmuteMicrophone': 'Turn microphone on',
  'prejoin.stopCamera': 'Turn camera off',
  'prejoin.startCamera': 'Turn camera on',
  'prejoin.cameraIsOff': 'Your camera is off',
  'prejoin.cameraStarts': 'Your camera starts',
  'prejoin.level': 'Loudness of your microphone',
  'prejoin.speakToTest': 'Say something: the bar should move.',
  'prejoin.joinMuted': 'You join with your microphone off.',

  'prejoin.devices': 'Camera, microphone and speaker',
  'prejoin.microphone': 'Microphone',
  'prejoin.camera': 'Camera',
  'prejoin.speaker': 'Speaker',
  'prejoin.microphone.nth': 'Microphone {n}',
  'prejoin.camera.nth': 'Camera {n}',
  'prejoin.speaker.nth': 'Speaker {n}',
  'prejoin.standard': 'Standard',
  'prejoin.testSound': 'Test the sound',
  'prejoin.playing': 'Do you hear it?',

  'prejoin.problem.insecure':
    'Browsers give camera and microphone to secure pages only. ' +
    'Open this page with https:// to be seen and heard; you can join without, too.',
  'prejoin.problem.both.denied':
    'Camera and microphone are blocked. Allow them in the address bar of your browser, ' +
    'then turn them on here. You can join without, too.',
  'prejoin.problem.both.missing':
    'No camera and no microphone were found. Plug them in, or join without.',
  'prejoin.problem.microphone.denied':
    'The microphone is blocked. Allow it in the address bar of your browser, then turn it on here.',
  'prejoin.problem.microphone.missing': 'No microphone was found. Plug one in, or join without.',
  'prejoin.problem.microphone.busy':
    'Another program uses the microphone. Close it there, then turn it on here.',
  'prejoin.problem.microphone.unknown':
    'The microphone does not start. Try another one, or open this page anew.',
  'prejoin.problem.camera.denied':
    'The camera is blocked. Allow it in the address bar of your browser, then turn it on here.',
  'prejoin.problem.camera.missing': 'No camera was found. Plug one in, or join without.',
  'prejoin.problem.camera.busy':
    'Another program uses the camera. Close it there, then turn it on here.',
  'prejoin.problem.camera.unknown':
    'The camera does not start. Try another one, or open this page anew.',

  'prejoin.check': 'Check connection',
  'prejoin.checkAgain': 'Check again',
  'prejoin.websocket': 'Server.',
  'prejoin.websocket.testing': 'Asking for an answer…',
  'prejoin.websocket.ok': 'It answers.',
  'prejoin.websocket.none': 'It was not asked.',
  'prejoin.websocket.failed':
    'No answer. Look whether you are online, and whether a firewall or proxy blocks WebSocket.',
  'prejoin.udp': 'Direct video and sound.',
  'prejoin.udp.testing': 'Looking for a way…',
  'prejoin.udp.ok': 'The way is open (UDP).',
  'prejoin.udp.none': 'Not tested: this server names no STUN server.',
  'prejoin.udp.failed': 'Your network blocks it (UDP).',
  'prejoin.relay': 'Relay.',
  'prejoin.relay.testing': 'Looking for one…',
  'prejoin.relay.ok': 'There is one for when the direct way is blocked.',
  'prejoin.relay.none': 'This server has none.',
  'prejoin.relay.failed': 'It cannot be reached.',
  'prejoin.verdict.good': 'All is well: calls should work.',
  'prejoin.verdict.relay': 'Calls should work, by a detour over the relay.',
  'prejoin.verdict.nearby': 'Calls work within one network; over the internet they may not.',
  'prejoin.verdict.blocked':
    'Sound and video may not get through. Try another network, such as your phone’s, ' +
    'or turn off the VPN. Chat and whiteboard work anyway.',
  'prejoin.verdict.noServer':
    'Without the server nothing works. Try again, or try another network.',
} as const;
