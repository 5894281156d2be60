# /help, and what a server reads when the bot joins it.
command-help = help
    .description = See what I can do

help-hear = 🎧 Hear a song
    .text = • **/genre** tells you a song's genre, mood, key and tempo. Attach a file, or leave it out and I take the last song posted in the channel.
    • For a song somebody posted, open its message's menu: **Apps › Genre**.
    • Something wrong? **Wrong genre?** under the answer corrects it, and **/contribute song** adds songs to learn this server's own genres from.
help-find = 🔎 Find songs
    .text = • **/similar** finds songs in this server that sound like one you choose, or like a file of yours.
    • **/songbook search** finds them by words, **/songbook random** picks one, **/songbook path** makes a playlist from one song to another.
    • **/songbook map** and **/songbook stats** show all the songs I remember here, **/taste** what you post and whose taste is close.
help-draw = 🎨 Draw a portrait
    .text = • **/avatar** draws Udonge from any word; the same word always gives the same portrait.
    • **/morph** turns one portrait into another, **/gallery** shows the ones you saved.
    • **Apps › Udonge-fy** in a member's menu draws that member.
help-stored = 🔒 What I store
    .text = Songs only where this server allows it: numbers that describe how each one sounds, its title, who posted it and where. Never the audio, never a link.
    See everything about you with **/privacy show**; you can download and delete it, too. **/songbook optout** keeps your songs out.
help-administrators = 🛠️ For administrators
    .text = Only you see this card.
    • **/setup allow** lets me remember songs, **/setup watch** follows a channel, **/setup import** reads its history, **/setup forget** removes songs, **/setup weekly** posts a weekly card.
    • **/train** teaches me this server's genres or portraits from what members contribute, **/models** chooses which model answers.

welcome-heading = Hi, I'm usamimi 🐇
welcome-text = I listen to songs and draw portraits. Try **/genre** with a song, **/avatar** with any word, or **/help**.
    I won't remember any songs until someone who manages this server allows it. Then I can find songs that sound alike.
help-open = What can you do?
welcome-allow = Allow the songbook
welcome-stored = What do you store?
setup-watch-here = Watch this channel
