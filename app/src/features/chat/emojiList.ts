// The emoji of the picker, loaded when it is first wanted: sign, name, and words to find it by.
export interface Emoji {
  sign: string;
  name: string; // as in :name:
  words: string; // name and the others, with spaces between and at both ends
}

export type EmojiGroup =
  'faces' | 'hands' | 'hearts' | 'nature' | 'food' | 'doing' | 'things' | 'signs';

const source: Record<EmojiGroup, string> = {
  faces: `
😀 grinning happy smile
😃 smiley happy open
😄 smile happy laugh
😁 beaming grin teeth
😆 laughing haha squint
😅 sweat_smile relief phew nervous
🤣 rofl rolling laughing floor
😂 joy tears laughing lol
🙂 slight_smile fine ok
🙃 upside_down silly irony
😉 wink joke
😊 blush smile pleased
😇 innocent angel halo
🥰 adore love hearts
😍 heart_eyes love
🤩 star_struck wow excited
😘 kiss love
😋 yum tasty tongue
😜 crazy wink tongue joke
🤪 zany silly goofy
🤗 hug hugging
🤭 giggle oops hand
🤫 shush quiet secret
🤔 thinking hmm wonder
🤨 raised_eyebrow doubt sceptical
😐 neutral meh
😶 speechless silent mouth
😏 smirk
😒 unamused bored
🙄 eye_roll whatever
😬 grimace awkward oops
😌 relieved calm
😴 sleeping tired zzz night
🥱 yawn tired bored
🤒 sick ill fever
🤯 mind_blown exploding wow
🥳 partying celebrate birthday hat
😎 cool sunglasses
🤓 nerd glasses study
🧐 monocle inspect
😕 confused unsure
😟 worried
😮 surprised open wow
😳 flushed embarrassed
🥺 pleading please puppy
😢 crying sad tear
😭 sobbing crying sad loud
😱 scream fear shock
😤 huff triumph steam
😠 angry cross
🤬 cursing swearing
💀 skull dead
🤖 robot bot
👻 ghost boo`,
  hands: `
👋 wave hello hi bye
👍 thumbs_up yes good like +1 agree
👎 thumbs_down no bad dislike -1
👌 ok_hand fine perfect
✌️ victory peace two
🤞 fingers_crossed luck hope
🤙 call_me phone
👏 clap applause bravo
🙌 raised_hands hooray celebrate
🙏 pray please thanks thank
🤝 handshake deal agreed
💪 muscle strong arm
👈 point_left back
👉 point_right next
👆 point_up above
👇 point_down below
✋ raised_hand stop five question
🖐️ hand five fingers
✍️ writing note hand
👀 eyes look see
🧠 brain mind think
🤷 shrug dunno unsure
🤦 facepalm
🙋 raising_hand question me
🧑‍💻 technologist coder computer developer
🧑‍🎓 student graduate
🧑‍🏫 teacher tutor
🏃 running late hurry`,
  hearts: `
❤️ heart love red
🧡 orange_heart love
💛 yellow_heart love
💚 green_heart love
💙 blue_heart love
💜 purple_heart love
🖤 black_heart love
💔 broken_heart sad
💯 hundred perfect full score
✨ sparkles shiny new
⭐ star favourite
🌟 glowing_star
💥 boom collision bang
🔥 fire hot lit
💤 zzz sleep
💬 speech chat talk`,
  nature: `
🐶 dog pet
🐱 cat pet
🦊 fox
🐻 bear
🐼 panda
🐸 frog
🐵 monkey
🐧 penguin
🦄 unicorn
🐝 bee busy
🦋 butterfly
🐢 turtle slow
🦉 owl wise night
🌱 seedling plant grow
🌳 tree
🌸 blossom flower spring
🌻 sunflower
🍀 clover luck
☀️ sun sunny weather
🌙 moon night
☁️ cloud weather
🌧️ rain weather
❄️ snow cold winter
🌈 rainbow`,
  food: `
☕ coffee tea hot break
🍵 tea green cup
🥤 drink cup
🍺 beer drink
🍷 wine drink
🥂 cheers toast
💧 water drop
🍎 apple fruit
🍌 banana fruit
🍓 strawberry fruit
🥑 avocado
🍞 bread
🧀 cheese
🍕 pizza
🍔 burger
🍜 noodles soup ramen
🥗 salad
🍪 cookie biscuit
🎂 cake birthday
🍫 chocolate`,
  doing: `
🎉 tada party celebrate hooray
🎊 confetti party
🎈 balloon party
🎁 gift present
🏆 trophy win
🥇 medal first gold
🎯 target goal dart
🎮 game play
🎲 dice game chance
🎵 music note song
🎧 headphones music focus
🎨 art paint
⚽ football soccer
🏀 basketball
🧘 meditate yoga calm
🚶 walk break`,
  things: `
💻 laptop computer
📱 phone mobile
🎤 microphone mic
📷 camera photo
💡 idea bulb light
📚 books study library
📖 book read open
📝 memo note write
✏️ pencil write
📌 pin
📎 paperclip attach
📅 calendar date
⏰ alarm clock time
⏳ hourglass time waiting
🍅 tomato pomodoro focus
🔔 bell notification
🔑 key
🔒 lock closed
🔍 search magnifier find
🔗 link chain
🧪 test_tube experiment science
🧩 puzzle piece
🔧 wrench fix tool
🐛 bug error
🚀 rocket launch ship
✈️ plane travel
🏠 home house
🏫 school`,
  signs: `
✅ check done yes
☑️ ballot done
❌ cross no wrong
❓ question what
❗ exclamation important
⚠️ warning careful
🚫 forbidden no
➕ plus add
➖ minus
➡️ arrow_right next
⬅️ arrow_left back
🔁 repeat again
⏸️ pause
▶️ play start
🆗 ok
🆕 new
🔴 red_circle live
🟡 yellow_circle
🟢 green_circle go`,
};

const read = (line: string): Emoji => {
  const [sign = '', name = '', ...more] = line.split(' ');
  return { sign, name, words: ` ${name.replaceAll('_', ' ')} ${name} ${more.join(' ')} ` };
};

export const emojiGroups = Object.entries(source).map(([group, text]) => ({
  group: group as EmojiGroup,
  emoji: text.trim().split('\n').map(read),
}));

export const allEmoji: readonly Emoji[] = emojiGroups.flatMap(({ emoji }) => emoji);
