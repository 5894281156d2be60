page-try = 開いて /genre と入力し、曲を選んで送信してください。/avatar に好きな言葉を添えると絵を描きます。「Viewing as」で別のメンバーになれます。Ctrl+C で終了します。
